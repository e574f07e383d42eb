// `failgate plan`: what a push would run, from a repository at hand; runs nothing.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controller/cli/command_context.h"

namespace failgate {

struct PlanOptions {
  std::filesystem::path repository = ".";
  std::string revision = "HEAD";   ///< anything `git rev-parse` understands
  std::string branch;              ///< empty = the one the revision stands for
  std::vector<std::string> files;  ///< not empty: as if a push changed just these
  /// A clone of the operations repository: also what its environments would say.
  std::optional<std::filesystem::path> operations;
  bool json = false;
};

int RunPlanCommand(const PlanOptions& options, CommandContext& context);

}  // namespace failgate
