// `failgate checks`: what checks and commands of an environment came to, and what they said.
#pragma once

#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct ChecksOptions {
  std::string project;
  std::string environment;
  std::string log;  ///< name of a check, or its id; empty: the list
  bool json = false;
};
/// With `log`: the output of the check of that name that began last, whole.
int RunChecks(const ChecksOptions& options, CommandContext& context);

}  // namespace failgate
