// `failgate releases` and `failgate diff`: what was made, and what would change.
#pragma once

#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct ReleasesOptions {
  std::string project;
  std::size_t limit = 20;
  bool json = false;
};

int RunReleases(const ReleasesOptions& options, CommandContext& context);

struct DiffOptions {
  std::string project;
  std::string environment;
  std::string release;  ///< empty = the one that would go in next
  bool json = false;
};

int RunDiff(const DiffOptions& options, CommandContext& context);

}  // namespace failgate
