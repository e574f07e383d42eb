#include "controller/cli/commands/policy.h"
#include "controller/cli/registration.h"

namespace failgate {

void RegisterPolicyCommands(Registration& registration) {
  CLI::App* policy =
      registration.app.add_subcommand("policy", "Owners' signatures; in a clone of operations");
  policy->require_subcommand(1);
  CLI::App* sign = policy->add_subcommand("sign", "Sign what HEAD lets run, and commit that");
  const auto signed_by = std::make_shared<PolicySignOptions>();
  AddPath(sign, "--key", signed_by->key, "private key, or .pub of one in an agent", true);
  AddPath(sign, "--repo", signed_by->clone, "a clone (default: here)", false);
  Bind(registration, sign, signed_by, RunPolicySign);
  CLI::App* show = policy->add_subcommand("show", "What is covered, and by whom");
  const auto shown = std::make_shared<PolicyShowOptions>();
  AddPath(show, "--owners", shown->owners, "their keys, as the server file names them", true);
  AddPath(show, "--repo", shown->clone, "a clone (default: here)", false);
  AddOutput(show, shown->json);
  Bind(registration, show, shown, RunPolicyShow);
  CLI::App* verify = policy->add_subcommand("verify", "Is HEAD covered? 0 or 1");
  const auto asked = std::make_shared<PolicyShowOptions>();
  AddPath(verify, "--owners", asked->owners, "their keys, as the server file names them", true);
  AddPath(verify, "--repo", asked->clone, "a clone (default: here)", false);
  AddOutput(verify, asked->json);
  Bind(registration, verify, asked, RunPolicyVerify);
}

}  // namespace failgate
