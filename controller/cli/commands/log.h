// `failgate log`: the facts of the deploy log, newest first.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct LogOptions {
  std::string environment;  ///< empty = all
  std::string project;      ///< empty = all
  std::size_t limit = 50;
  std::optional<std::filesystem::path> clone;  ///< read from it instead of a server
  bool json = false;
};

int RunLog(const LogOptions& options, CommandContext& context);

}  // namespace failgate
