// `failgate run` and `failgate sync`: what else but a push makes the controller look.
#pragma once

#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct RunProjectOptions {
  std::string project;
  std::string revision;  ///< empty = the head
  std::string training;  ///< "full", "degraded" or empty
  bool again = false;    ///< also when this revision ran already
  bool json = false;
};
int RunRunProject(const RunProjectOptions& options, CommandContext& context);

struct SyncOptions {
  std::string source;
};
int RunSync(const SyncOptions& options, CommandContext& context);

}  // namespace failgate
