// `failgate doctor`: what of this machine and its configuration would stand in the way.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct DoctorOptions {
  std::optional<std::filesystem::path> config;  ///< absent: the service's, if there is one
  bool json = false;
};

/// One line a check with what to do; 1 when one failed.
int RunDoctor(const DoctorOptions& options, CommandContext& context);

}  // namespace failgate
