// The command line as a whole: arguments in, exit code out.
#pragma once

#include <string>
#include <vector>

#include "controller/cli/command_context.h"

namespace failgate {

/// `arguments` without the program's name. Everything a command throws ends as one sentence on
/// standard error and exit code 1; wrong usage as 2.
int RunCommandLine(const std::vector<std::string>& arguments, CommandContext& context);

}  // namespace failgate
