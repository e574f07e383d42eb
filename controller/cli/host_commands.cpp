#include "controller/cli/commands/hook.h"
#include "controller/cli/commands/key.h"
#include "controller/cli/commands/token.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/registration.h"
#include "controller/cli/server_settings.h"

namespace failgate {
namespace {

void RegisterTokens(Registration& registration) {
  CLI::App* token =
      registration.app.add_subcommand("token", "People's access; on the server's host");
  token->require_subcommand(1);
  CLI::App* create = token->add_subcommand("create", "Make one; it is shown once");
  const auto made = std::make_shared<TokenCreateOptions>();
  create->add_option("PERSON", made->person, "an e-mail address, or \"Name <address>\"")
      ->required();
  create->add_option("--role", made->role, "viewer, developer, approver or operator")
      ->required()
      ->check(CLI::IsMember({"viewer", "developer", "approver", "operator"}));
  create->add_option("--projects", made->projects, "names with commas between (default: all)");
  create->add_option("--expires", made->expires, "such as 90d (default: never)");
  AddPath(create, "--config", made->config, "the server file", true);
  Bind(registration, create, made, RunTokenCreate);
  CLI::App* list = token->add_subcommand("list", "Who has one");
  const auto rows = std::make_shared<TokenListOptions>();
  AddPath(list, "--config", rows->config, "the server file", true);
  AddOutput(list, rows->json);
  Bind(registration, list, rows, RunTokenList);
  CLI::App* revoke = token->add_subcommand("revoke", "Take one back");
  const auto gone = std::make_shared<TokenRevokeOptions>();
  revoke->add_option("TOKEN", gone->id, "its id, as list shows it")->required();
  AddPath(revoke, "--config", gone->config, "the server file", true);
  Bind(registration, revoke, gone, RunTokenRevoke);
}

void RegisterKeys(Registration& registration) {
  CLI::App* key = registration.app.add_subcommand("key", "The controller's signing key");
  key->require_subcommand(1);
  CLI::App* show = key->add_subcommand("show", "Its line of allowed_signers");
  const auto shown = std::make_shared<KeyShowOptions>();
  shown->config = kStandardServerFile;
  AddPath(show, "--config", shown->config, "the server file", false);
  AddOutput(show, shown->json);
  Bind(registration, show, shown, RunKeyShow);
  CLI::App* rotate = key->add_subcommand("rotate", "A new key; the log tells of the change");
  const auto rotated = std::make_shared<KeyRotateOptions>();
  rotated->config = kStandardServerFile;
  AddPath(rotate, "--config", rotated->config, "the server file", false);
  AddOutput(rotate, rotated->json);
  Bind(registration, rotate, rotated, RunKeyRotate);
}

}  // namespace

void RegisterHostCommands(Registration& registration) {
  RegisterTokens(registration);
  RegisterKeys(registration);
  CLI::App* hook = registration.app.add_subcommand(
      "hook", "For hooks/post-receive of a bare repository: tell the server of a push");
  const auto push = std::make_shared<HookOptions>();
  hook->add_option("URL", push->url, "such as https://failgate.example.com/hooks/churn")
      ->required();
  AddPath(hook, "--secret-file", push->secret_file, "the source's webhook secret", true);
  hook->add_option("--provider", push->provider, "github (default) or gitlab")
      ->check(CLI::IsMember({"github", "gitlab"}));
  AddPath(hook,
          "--repository",
          push->repository,
          "its path in the server file (default: GIT_DIR)",
          false);
  Bind(registration, hook, push, RunHook);
}

}  // namespace failgate
