// failgate advise: what the log says people could let automation do.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct AdviseOptions {
  std::string project;  ///< empty = all
  std::optional<std::filesystem::path> clone;
  bool json = false;
};
int RunAdvise(const AdviseOptions& options, CommandContext& context);

}  // namespace failgate
