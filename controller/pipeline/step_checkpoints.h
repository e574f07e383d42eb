// What a training keeps for its next attempt: a folder that outlives the step, its run and the
// program.
#pragma once

#include <filesystem>
#include <string>

#include "controller/base/ids.h"
#include "controller/pipeline/execution_parts.h"
#include "controller/pipeline/run_context.h"

namespace failgate {

/// Where the step sees its checkpoints.
inline constexpr const char* kCheckpointsInside = "/run/failgate-checkpoints";

/// What a training was made of; checkpoints of another one are never seen.
struct TrainingOrigin {
  std::string code;      ///< the git tree of the revision
  std::string data;      ///< data version
  std::string inputs;    ///< digest over what the steps before it left
  std::string training;  ///< degraded | full
  bool operator==(const TrainingOrigin&) const = default;
};

/// The origin of a training step of the run. Throws Error as Repository does.
[[nodiscard]] TrainingOrigin OriginOf(const ExecutionParts& parts,
                                      const RunContext& context,
                                      const PipelineStep& step,
                                      TrainingMode training);

/// The folder CHECKPOINTS/PROJECT/STEP. One attempt of a project's step uses it at a time.
class StepCheckpoints {
 public:
  StepCheckpoints(const ExecutionParts& parts, const ProjectName& project, const std::string& step);

  /// Makes the folder for an attempt of `run`, as one of the same origin that did not pass left it,
  /// else empty; answers it. Throws Error when the disk fails.
  [[nodiscard]] std::filesystem::path Open(const TrainingOrigin& origin, const RunId& run);
  /// The step passed, or left more than it may.
  void Remove();

 private:
  [[nodiscard]] bool IsFor(const TrainingOrigin& origin) const;

  const StepStore& steps_;
  std::string step_;
  std::filesystem::path folder_;
};

}  // namespace failgate
