// `failgate key show`: the controller's public key, as `allowed_signers` wants it.
#pragma once

#include <filesystem>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct KeyShowOptions {
  std::filesystem::path config;
  bool json = false;
};
int RunKeyShow(const KeyShowOptions& options, CommandContext& context);

/// One line of allowed_signers for a controller's key, good for the log alone; `public_line` is
/// "ssh-ed25519 AAAA… comment".
[[nodiscard]] std::string SignerLine(const std::string& controller, const std::string& public_line);

}  // namespace failgate
