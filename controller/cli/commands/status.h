// `failgate status`: what is wanted, decided and running in each environment.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct StatusOptions {
  std::string project;                         ///< empty = all
  std::optional<std::filesystem::path> clone;  ///< read from it instead of a server
  bool json = false;
};

int RunStatus(const StatusOptions& options, CommandContext& context);

}  // namespace failgate
