// `failgate serve`: the controller as a process, from its server file to its last signal.
#pragma once

#include <filesystem>

namespace failgate {

struct ServeOptions {
  std::filesystem::path config;  ///< the server file
};

/// Serves until SIGINT or SIGTERM; prints "listening on ADDRESS:PORT" once it answers. Exit code: 0
/// after an orderly end, 1 when it cannot start or go on, 2 for an invalid server file.
int Serve(const ServeOptions& options);

}  // namespace failgate
