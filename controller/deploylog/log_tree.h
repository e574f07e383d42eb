// The deploy log's tree at one commit, with the edits of facts that are being drafted on top of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/deploylog/fact.h"
#include "controller/deploylog/log_state.h"
#include "controller/git/commit_writer.h"
#include "controller/git/repository.h"

namespace failgate {

/// Reads through to the commit what was not edited here. A file that cannot be read as what it must
/// be throws Error(kNeedsChange): the log is not ours to guess about. Not thread-safe.
class LogTree {
 public:
  /// base nullopt = the empty log.
  LogTree(const Repository& repository, std::optional<CommitId> base)
      : repository_(repository), base_(std::move(base)) {}

  [[nodiscard]] std::optional<std::string> File(const std::string& path) const;
  /// Default-constructed when there is no such file yet.
  [[nodiscard]] EnvironmentState Environment(const EnvironmentName& environment,
                                             const ProjectName& project) const;
  [[nodiscard]] ProjectState Project(const ProjectName& project) const;
  [[nodiscard]] std::optional<ControllerState> Controller() const;
  /// Canonical JSON of a release record.
  [[nodiscard]] std::optional<std::string> Record(const ReleaseName& release) const;
  /// Names of a project's releases, newest first, those drafted here included.
  [[nodiscard]] std::vector<ReleaseName> Releases(const ProjectName& project) const;

  void Put(const std::string& path, std::string content);
  /// The edits since the last call.
  [[nodiscard]] std::vector<TreeEdit> TakeEdits();

 private:
  const Repository& repository_;
  std::optional<CommitId> base_;
  std::map<std::string, std::string> overlay_;
  std::map<std::string, std::string> pending_;
};

/// What a draft sees and changes: the state its fact is about (one of the three, by the fact's
/// environment and project), and the whole tree for reading.
struct LogEdit {
  Fact& fact;
  LogTree& tree;
  EnvironmentState* environment = nullptr;
  ProjectState* project = nullptr;
  ControllerState* controller = nullptr;
};

/// All states at one commit of the log, for readers.
struct LogView {
  std::optional<CommitId> head;
  std::map<std::pair<EnvironmentName, ProjectName>, EnvironmentState> environments;
  std::map<ProjectName, ProjectState> projects;
  std::optional<ControllerState> controller;
};

/// Keeps parsed files by blob id, so that reading again costs what changed. Not thread-safe.
class LogViewReader {
 public:
  [[nodiscard]] const LogView& Read(const Repository& repository,
                                    const std::optional<CommitId>& head);

 private:
  void ReadFolder(const Repository& repository, const CommitId& head, const std::string& folder);
  LogView view_;
  std::map<std::string, ObjectId> seen_;
};

}  // namespace failgate
