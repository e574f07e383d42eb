// `failgate runs`: runs of pipelines and the logs of their steps.
#pragma once

#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct RunListOptions {
  std::string project;  ///< empty = all
  std::string state;    ///< empty = all
  std::size_t limit = 20;
  bool json = false;
};
int RunRunList(const RunListOptions& options, CommandContext& context);

struct RunShowOptions {
  std::string run;
  bool json = false;
};
int RunRunShow(const RunShowOptions& options, CommandContext& context);

struct RunLogsOptions {
  std::string run;
  std::string step;     ///< empty = every step that began
  bool follow = false;  ///< until the run has ended
  bool json = false;
};
/// With `follow` the exit code tells how the run ended: 0 only when it succeeded.
int RunRunLogs(const RunLogsOptions& options, CommandContext& context);

struct RunCancelOptions {
  std::string run;
};
int RunRunCancel(const RunCancelOptions& options, CommandContext& context);

}  // namespace failgate
