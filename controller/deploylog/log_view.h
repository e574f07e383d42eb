// The states at one commit of the deploy log, for readers. States that did not change are shared by
// the views of several commits.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "controller/base/ids.h"
#include "controller/deploylog/log_state.h"
#include "controller/git/repository.h"

namespace failgate {

template <typename State>
struct StateFile {
  ObjectId blob;
  std::shared_ptr<const State> state;
  ObjectId ends = {};  ///< of a pair: the tree of the files of its ends; empty when there is none
};

/// All states at one commit of the log, for readers.
struct LogView {
  std::optional<CommitId> head;
  std::map<std::pair<EnvironmentName, ProjectName>, StateFile<EnvironmentState>> environments;
  std::map<ProjectName, StateFile<ProjectState>> projects;
  std::optional<ControllerState> controller;

  /// Default-constructed when there is no such file.
  [[nodiscard]] const EnvironmentState& Environment(const EnvironmentName& environment,
                                                    const ProjectName& project) const;
  [[nodiscard]] const ProjectState& Project(const ProjectName& project) const;
  /// Of a state's file; empty when there is none.
  [[nodiscard]] ObjectId BlobOf(const EnvironmentName& environment,
                                const ProjectName& project) const;
  [[nodiscard]] ObjectId BlobOf(const ProjectName& project) const;
};

/// Takes from its last view what has the same blob, so that reading again costs what changed. Not
/// thread-safe.
class LogViewReader {
 public:
  [[nodiscard]] std::shared_ptr<const LogView> Read(const Repository& repository,
                                                    const std::optional<CommitId>& head);
  /// What the last Read gave.
  [[nodiscard]] const std::shared_ptr<const LogView>& view() const { return view_; }

 private:
  std::shared_ptr<const LogView> view_ = std::make_shared<const LogView>();
};

}  // namespace failgate
