#include "controller/cli/commands/key.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/cli/exit_code.h"
#include "controller/cli/folder_owner.h"
#include "controller/cli/log_key.h"
#include "controller/cli/server_settings.h"
#include "controller/deploylog/key_keeper.h"
#include "controller/git/signing_key.h"

namespace failgate {

std::string SignerLine(const std::string& controller, const std::string& public_line) {
  // The address is the one that facts are committed with (controller/deploylog/deploy_log.h).
  return fmt::format("{}@failgate.invalid namespaces=\"git\" {}", controller, public_line);
}

namespace {

/// The key in force: the next one where the controller could not put it in place.
SigningKey LoadKey(const ServerFile& server) {
  const std::filesystem::path next = NextKeyFile(server.operations.signing_key);
  if (std::filesystem::exists(next)) {
    SigningKey key = SigningKey::Load(next);
    if (key.Fingerprint() == KeyOfTheLog(server)) {
      return key;
    }
  }
  return SigningKey::Load(server.operations.signing_key);
}

void PrintKey(const ServerFile& server, const SigningKey& key, bool json, Terminal& terminal) {
  const std::string line = SignerLine(server.controller, key.PublicLine());
  if (json) {
    terminal.Line(nlohmann::json{
        {"controller", server.controller},
        {"fingerprint", key.Fingerprint()},
        {"public_key", key.PublicLine()},
        {"allowed_signers",
         line}}.dump());
    return;
  }
  terminal.Line(line);
  terminal.Note(fmt::format("fingerprint {}", key.Fingerprint()));
}

}  // namespace

int RunKeyShow(const KeyShowOptions& options, CommandContext& context) {
  const auto server = ReadServerSettings(options.config, context.terminal);
  if (!server) {
    return kExitUsage;
  }
  PrintKey(*server, LoadKey(*server), options.json, context.terminal);
  return kExitDone;
}

int RunKeyRotate(const KeyRotateOptions& options, CommandContext& context) {
  const auto server = ReadServerSettings(options.config, context.terminal);
  if (!server) {
    return kExitUsage;
  }
  const std::filesystem::path& file = server->operations.signing_key;
  const std::string in_force = KeyOfTheLog(*server);
  const FolderOwner owner(file.has_parent_path() ? file.parent_path() : ".");
  AskedRotation asked = AskRotation(file);
  if (asked.already && asked.next.Fingerprint() == in_force) {
    // The last rotation is over, only its file was left beside the old one.
    PutNextKeyInPlace(file);
    asked = AskRotation(file);
  }
  PrintKey(*server, asked.next, options.json, context.terminal);
  context.terminal.Note(fmt::format(
      "{}: the controller signs `key-rotated` with the old key at its next pass, or when "
      "it starts, and signs with the new one from then on\n"
      "add the line above to allowed_signers on main, and leave the old line there: "
      "then git verify-commit knows both",
      asked.already ? "a rotation is under way already" : "the new key is made"));
  return kExitDone;
}

}  // namespace failgate
