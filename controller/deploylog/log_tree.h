// The deploy log's tree at one commit, with the edits of facts that are being drafted on top of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/deploylog/fact.h"
#include "controller/deploylog/log_state.h"
#include "controller/deploylog/log_view.h"
#include "controller/deploylog/people_state.h"
#include "controller/deploylog/state_memory.h"
#include "controller/git/commit_writer.h"
#include "controller/git/repository.h"

namespace failgate {

/// Reads through to the commit what was not edited here. A file that cannot be read as what it must
/// be throws Error(kNeedsChange): the log is not ours to guess about. Not thread-safe.
class LogTree {
 public:
  /// base nullopt = the empty log. `known`: states of a commit that were read already; they are
  /// used while that commit is `base`.
  LogTree(const Repository& repository,
          std::optional<CommitId> base,
          std::shared_ptr<const LogView> known = nullptr)
      : repository_(repository), base_(std::move(base)), known_(std::move(known)) {}

  [[nodiscard]] const std::optional<CommitId>& base() const { return base_; }
  [[nodiscard]] std::optional<std::string> File(const std::string& path) const;
  /// Default-constructed when there is no such file yet.
  [[nodiscard]] EnvironmentState Environment(const EnvironmentName& environment,
                                             const ProjectName& project) const;
  [[nodiscard]] ProjectState Project(const ProjectName& project) const;
  [[nodiscard]] std::optional<ControllerState> Controller() const;
  /// Default-constructed when there is no such file yet.
  [[nodiscard]] PeopleState People() const;
  /// Canonical JSON of a release record.
  [[nodiscard]] std::optional<std::string> Record(const ReleaseName& release) const;
  /// Names of a project's releases, newest first, those drafted here included.
  [[nodiscard]] std::vector<ReleaseName> Releases(const ProjectName& project) const;

  /// The first `limit` of Releases() with numbers above `above`, without listing them all: numbers
  /// are given one after another.
  [[nodiscard]] std::vector<ReleaseName> NewestReleases(const ProjectName& project,
                                                        long above,
                                                        std::size_t limit) const;
  /// Those of Releases() that are only drafted here.
  [[nodiscard]] std::vector<ReleaseName> DraftedReleases(const ProjectName& project) const;
  /// As Record, but of the commit alone.
  [[nodiscard]] std::optional<std::string> CommittedRecord(const ReleaseName& release) const;
  /// Each record of the commit with its release's number, in no order.
  void ReadCommittedRecords(const ProjectName& project,
                            const std::function<void(long, const std::string&)>& take) const;

  void Put(const std::string& path, std::string content);
  /// The state's file and those of its ends that change.
  void PutEnvironment(const EnvironmentName& environment,
                      const ProjectName& project,
                      EnvironmentState state);
  /// The edits since the last call.
  [[nodiscard]] std::vector<TreeEdit> TakeEdits();

  /// States of the commit that were kept from an earlier writing; before anything is asked for.
  void Know(PairStates states) { remembered_ = std::move(states); }
  /// The states that were asked for or put here, with the edits, and those of Know that were not.
  /// For the end of this tree.
  [[nodiscard]] PairStates TakeUsed() { return std::move(environments_); }
  [[nodiscard]] PairStates TakeUnused() { return std::move(remembered_); }

 private:
  /// nullptr when `path` was edited here, or the states at `base` were not read.
  [[nodiscard]] const LogView* KnownFor(const std::string& path) const;
  [[nodiscard]] bool HasFile(const std::string& path) const;
  /// Valid until this pair is put.
  [[nodiscard]] const EnvironmentState& Known(const EnvironmentName& environment,
                                              const ProjectName& project) const;

  const Repository& repository_;
  std::optional<CommitId> base_;
  std::shared_ptr<const LogView> known_;
  std::map<std::string, std::optional<std::string>> overlay_;  ///< nullopt = removed
  std::map<std::string, std::optional<std::string>> pending_;
  /// Those that were asked for or put here, by path: each has files of up to a hundred ends.
  mutable PairStates environments_;
  mutable PairStates remembered_;
};

/// The path of the state that a fact is about, by its environment, project and kind.
[[nodiscard]] std::string PathAbout(const Fact& fact);

/// What a draft sees and changes: the state its fact is about (one of the four, see PathAbout), and
/// the whole tree for reading.
struct LogEdit {
  Fact& fact;
  LogTree& tree;
  EnvironmentState* environment = nullptr;
  ProjectState* project = nullptr;
  ControllerState* controller = nullptr;
  PeopleState* people = nullptr;
};

}  // namespace failgate
