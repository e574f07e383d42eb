// Which key the log is signed with, as far as this machine knows.
#pragma once

#include <filesystem>
#include <string>

#include "controller/config/server_file.h"

namespace failgate {

/// The controller's bare mirror of the operations repository, whether or not it is there.
[[nodiscard]] std::filesystem::path MirrorOfOperations(const ServerFile& server);
/// Fingerprint, out of the controller's mirror in data_dir; empty when there is none, or no log in
/// it. Throws Error when the mirror cannot be read.
[[nodiscard]] std::string KeyOfTheLog(const ServerFile& server);

}  // namespace failgate
