// `failgate init operations DIR`: a ladder, a server file and a signing key that work at once.
#pragma once

#include <filesystem>

#include "controller/cli/command_context.h"

namespace failgate {

struct InitOperationsOptions {
  std::filesystem::path folder;
};

/// DIR becomes the work tree of a new operations repository (branch main, one commit). DIR/server,
/// ignored by git, holds the server file, the signing key (0600), the secret of the example's
/// webhook and bare repositories to begin with. DIR must be absent or empty: nothing is ever
/// overwritten.
int RunInitOperations(const InitOperationsOptions& options, CommandContext& context);

}  // namespace failgate
