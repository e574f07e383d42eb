// What an MLflow server is told of a release: a run of its own, and versions of registered models.
// Pure.
#pragma once

#include <string>

#include "controller/mlflow/mlflow_answers.h"
#include "controller/mlflow/mlflow_tracking.h"
#include "controller/release/release_record.h"

namespace failgate {

/// Tags by which failgate finds again what it made. Nobody else writes them.
inline constexpr const char* kMlflowReleaseTag = "failgate.release";
inline constexpr const char* kMlflowProjectTag = "failgate.project";
inline constexpr const char* kMlflowRunTag = "failgate.run";
inline constexpr const char* kMlflowArtifactTag = "failgate.artifact";
/// And those that make a version known by what it is.
inline constexpr const char* kMlflowCommitTag = "git.commit";
inline constexpr const char* kMlflowDataTag = "data.version";
inline constexpr const char* kMlflowDigestTag = "artifact.sha256";
/// Where `git.commit` stands for MLflow's own pages.
inline constexpr const char* kMlflowOwnCommitTag = "mlflow.source.git.commit";
/// Of a release without data: MLflow shows no empty tag.
inline constexpr const char* kMlflowNoData = "none";

struct ReleaseRun {
  std::string experiment;  ///< the project: runs of one subject stand together
  std::string name;        ///< the release
  MlflowTags tags;
  MlflowBatch batch;
  long long started = 0;  ///< milliseconds since 1970: of the first step that counts
  long long ended = 0;
};

/// Metrics are those that the run measured, tests.LEVEL.passed and .failed, coverage.lines and
/// .branches in percent. Characters that MLflow does not take in a name become '_'. `url` is where
/// people find the controller; empty = unknown.
[[nodiscard]] ReleaseRun RunOf(const ReleaseRecord& record, const std::string& url);

/// Of the version of a registered model that is this artifact. Throws Error(kNeedsChange) when the
/// release has no such artifact.
[[nodiscard]] MlflowTags VersionTagsOf(const ReleaseRecord& record, const std::string& artifact);

}  // namespace failgate
