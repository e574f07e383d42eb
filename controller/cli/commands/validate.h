// `failgate validate`: every problem of every file, before anything reads it in earnest.
#pragma once

#include <filesystem>
#include <vector>

#include "controller/cli/command_context.h"

namespace failgate {

struct ValidateOptions {
  std::vector<std::filesystem::path> paths;
  bool json = false;
};

/// Problems go to standard output as "file:line:column: text"; 2 when there is one.
int RunValidate(const ValidateOptions& options, CommandContext& context);

}  // namespace failgate
