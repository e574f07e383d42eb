// Reading the server file for a command.
#pragma once

#include <filesystem>
#include <optional>

#include "controller/cli/terminal.h"
#include "controller/config/server_file.h"

namespace failgate {

/// Where the package's service looks for it.
inline constexpr const char* kStandardServerFile = "/etc/failgate/failgate.yaml";

/// nullopt after printing every problem on standard error, one a line.
[[nodiscard]] std::optional<ServerFile> ReadServerSettings(const std::filesystem::path& file,
                                                           Terminal& terminal);

}  // namespace failgate
