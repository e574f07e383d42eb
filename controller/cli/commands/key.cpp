#include "controller/cli/commands/key.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/cli/exit_code.h"
#include "controller/cli/server_settings.h"
#include "controller/git/signing_key.h"

namespace failgate {

std::string SignerLine(const std::string& controller, const std::string& public_line) {
  // The address is the one that facts are committed with (controller/deploylog/deploy_log.h).
  return fmt::format("{}@failgate.invalid namespaces=\"git\" {}", controller, public_line);
}

int RunKeyShow(const KeyShowOptions& options, CommandContext& context) {
  const auto server = ReadServerSettings(options.config, context.terminal);
  if (!server) {
    return kExitUsage;
  }
  const SigningKey key = SigningKey::Load(server->operations.signing_key);
  const std::string line = SignerLine(server->controller, key.PublicLine());
  if (options.json) {
    context.terminal.Line(nlohmann::json{
        {"controller", server->controller},
        {"fingerprint", key.Fingerprint()},
        {"public_key", key.PublicLine()},
        {"allowed_signers",
         line}}.dump());
    return kExitDone;
  }
  context.terminal.Line(line);
  context.terminal.Note(fmt::format("fingerprint {}", key.Fingerprint()));
  return kExitDone;
}

}  // namespace failgate
