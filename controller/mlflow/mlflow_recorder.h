// Tells an MLflow server of every release. What is owed is what the log holds and the server does
// not: nothing has to be remembered, so nothing is lost with the database.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/base/guarded.h"
#include "controller/base/ids.h"
#include "controller/mlflow/run_recording.h"
#include "controller/release/release_record.h"

namespace failgate {

/// The deploy log as the recorder reads it.
class ReleaseLog {
 public:
  virtual ~ReleaseLog() = default;
  /// Newest first.
  [[nodiscard]] virtual std::vector<ReleaseName> Releases(const ProjectName& project) = 0;
  /// nullopt for one that cannot be read.
  [[nodiscard]] virtual std::optional<ReleaseRecord> Record(const ReleaseName& release) = 0;
};

/// Step is for one thread, which may wait for the network; Standing for any.
class MlflowRecorder {
 public:
  struct Progress {
    std::size_t owed = 0;
    std::string trouble;  ///< of the last step; empty = it went well
  };
  /// A step tells of this many releases at most.
  static constexpr int kAtOnce = 50;

  /// `recording` must outlive it.
  MlflowRecorder(std::vector<ProjectName> projects, RunRecording& recording)
      : projects_(std::move(projects)), recording_(recording) {}

  /// Tells of what is owed, newest first, so that a new release never waits behind old ones. True:
  /// more is owed. Throws Error when the server cannot be told; a release that it refuses holds up
  /// no other one.
  bool Step(ReleaseLog& log);
  [[nodiscard]] Progress Standing() const { return *progress_.Lock(); }

 private:
  [[nodiscard]] std::set<std::string>& Known(const ProjectName& project);
  [[nodiscard]] std::vector<ReleaseName> Owed(ReleaseLog& log);

  std::vector<ProjectName> projects_;
  RunRecording& recording_;
  std::map<ProjectName, std::set<std::string>> known_;  ///< what the server has
  Guarded<Progress> progress_;
};

}  // namespace failgate
