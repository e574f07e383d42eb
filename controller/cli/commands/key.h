// `failgate key show`, `key rotate`: the controller's public key, as `allowed_signers` wants it,
// and a new one in its place.
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

struct KeyRotateOptions {
  std::filesystem::path config;
  bool json = false;
};
/// Makes the next key, on the controller's host, whether the server runs or not; the controller
/// hands the log over to it. Prints the new line of allowed_signers.
int RunKeyRotate(const KeyRotateOptions& options, CommandContext& context);

/// One line of allowed_signers for a controller's key, good for the log alone; `public_line` is
/// "ssh-ed25519 AAAA… comment".
[[nodiscard]] std::string SignerLine(const std::string& controller, const std::string& public_line);

}  // namespace failgate
