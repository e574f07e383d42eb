// One attempt of one step: workspace, environment, the run itself, and what it left.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/pipeline/execution_parts.h"
#include "controller/pipeline/run_context.h"
#include "controller/pipeline/step_environment.h"
#include "controller/pipeline/step_workspace.h"

namespace failgate {

/// What an attempt came to.
struct StepVerdict {
  enum class Kind {
    kPassed,
    kFailed,
    kCancelled,
    kSandboxRefused,  ///< the step never ran: no fault of the pipeline
  };
  Kind kind = Kind::kFailed;
  std::string reason;  ///< one line; empty when passed
  std::optional<int> exit_code;
  long long log_bytes = 0;
  StepResult result;
};

struct StepAttemptOrder {
  const RunContext& context;
  const PipelineStep& step;
  TrainingMode training = TrainingMode::kFull;
  int attempt = 1;
  std::filesystem::path log_file;
};

/// How another run of a step differs from the one that counts.
struct StepVariant {
  std::string name;                      ///< one word
  EnvironmentList env = {};              ///< over the step's own, see OverlayVariables
  std::optional<TreeOverlay> tree = {};  ///< nullopt: the tree of the run's revision
};

/// What another run came to; the reports are those that could be read.
struct VariantOutcome {
  StepVerdict verdict;
  std::optional<StepStatus> status = {};  ///< nullopt: it could not begin
  std::vector<Report> reports;
};

/// Where the log of a step lies, and its kept reports.
[[nodiscard]] std::filesystem::path StepLogPath(const ExecutionFolders& folders,
                                                const RunId& run,
                                                const std::string& step);
[[nodiscard]] std::filesystem::path StepReportFolder(const ExecutionFolders& folders,
                                                     const RunId& run,
                                                     const std::string& step);

/// Throws Error(kRetry) when the controller's own machine fails (a full disk, a mirror being
/// replaced); everything that is the pipeline's doing is a verdict. The workspace is gone on
/// return.
[[nodiscard]] StepVerdict RunStepAttempt(const ExecutionParts& parts,
                                         const StepAttemptOrder& order,
                                         std::stop_token stop);

/// Runs the step once more, in a workspace of its own; its outputs and artifacts are thrown away,
/// its log is added to the step's. Throws as RunStepAttempt.
[[nodiscard]] VariantOutcome RunStepVariant(const ExecutionParts& parts,
                                            const StepAttemptOrder& order,
                                            const StepVariant& variant,
                                            std::stop_token stop);

}  // namespace failgate
