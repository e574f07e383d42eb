#include <fmt/format.h>

#include "controller/cli/commands/accept_history.h"
#include "controller/cli/commands/sign_approval.h"
#include "controller/cli/commands/triggers.h"
#include "controller/cli/commands/wishes.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/registration.h"

namespace failgate {
namespace {

void RegisterTriggers(Registration& registration) {
  CLI::App* run = registration.app.add_subcommand("run", "Run a project's pipeline now");
  const auto wish = std::make_shared<RunProjectOptions>();
  run->add_option("PROJECT", wish->project)->required();
  run->add_option("--revision",
                  wish->revision,
                  "a branch, or 7 digits or more of a commit (default: the head)");
  run->add_option("--training", wish->training, "full or degraded")
      ->check(CLI::IsMember({"full", "degraded"}));
  run->add_flag("--again", wish->again, "also when this revision ran already");
  AddOutput(run, wish->json);
  Bind(registration, run, wish, RunRunProject);
  CLI::App* sync = registration.app.add_subcommand("sync", "Look at a source now");
  const auto source = std::make_shared<SyncOptions>();
  sync->add_option("SOURCE", source->source)->required();
  Bind(registration, sync, source, RunSync);
}

void RegisterAcceptHistory(Registration& registration) {
  CLI::App* command =
      registration.app.add_subcommand("accept-history", "Take a rewritten branch as it is now");
  const auto accepted = std::make_shared<AcceptHistoryOptions>();
  command->add_option("COMMIT", accepted->commit, "its head, which you examined, in full")
      ->required();
  command->add_option("-m,--message", accepted->reason, "the reason, for the log")->required();
  AddOutput(command, accepted->json);
  Bind(registration, command, accepted, RunAcceptHistory);
}

/// Commands about a release: VERB RELEASE ENVIRONMENT [-m TEXT].
CLI::App* AddWish(Registration& registration,
                  const std::string& verb,
                  const std::string& text,
                  const std::shared_ptr<WishOptions>& wish) {
  CLI::App* command = registration.app.add_subcommand(verb, text);
  wish->verb = verb;
  command->add_option("RELEASE", wish->release, "such as churn-42")->required();
  command->add_option("ENVIRONMENT", wish->environment)->required();
  command->add_option("-m,--message", wish->reason, "the reason, for the log");
  AddOutput(command, wish->json);
  return command;
}

/// With a token through the server; with --sign and --repo as a signed file of a clone.
void RegisterJudgement(Registration& registration,
                       const std::string& verb,
                       const std::string& text) {
  const auto wish = std::make_shared<WishOptions>();
  CLI::App* command = AddWish(registration, verb, text, wish);
  const auto file = std::make_shared<SignApprovalOptions>();
  command->add_option("--sign", file->key, "your SSH key (or its .pub, the key in ssh-agent)");
  command->add_option("--repo", file->clone, "your clone of the operations repository");
  command->add_option("--expires", file->expires, "with --sign: how long it counts (7d)");
  command->callback([&registration, wish, file] {
    registration.chosen = [&registration, wish, file] {
      if (file->key.empty() && file->clone.empty() && file->expires.empty()) {
        return AskWish(*wish, registration.context);
      }
      if (file->key.empty() || file->clone.empty()) {
        registration.context.terminal.Error(
            fmt::format("{} signs a file in a clone: name both --sign KEY and --repo CLONE (and "
                        "--expires, if you like), or neither",
                        wish->verb));
        return kExitUsage;
      }
      file->rejects = wish->verb == "reject";
      file->release = wish->release;
      file->environment = wish->environment;
      file->text = wish->reason;
      return RunSignApproval(*file, registration.context);
    };
  });
}

/// A signed file is taken back by taking it from main.
void RegisterWithdrawal(Registration& registration) {
  const auto wish = std::make_shared<WishOptions>();
  CLI::App* command = AddWish(registration, "withdraw", "Take back what you said", wish);
  const auto key = std::make_shared<std::string>();
  command->add_option("--sign,--repo", *key, "not needed: git rm the file in your clone");
  command->callback([&registration, wish, key] {
    registration.chosen = [&registration, wish, key] {
      if (!key->empty()) {
        registration.context.terminal.Error(fmt::format(
            "a signed approval is withdrawn with git: git rm approvals/{}/{}/EMAIL.yaml "
            "and EMAIL.yaml.sig, commit and push",
            wish->environment,
            wish->release));
        return kExitUsage;
      }
      return AskWish(*wish, registration.context);
    };
  });
}

/// Commands about a pair: VERB PROJECT ENVIRONMENT [-m TEXT].
void RegisterPairWish(Registration& registration,
                      const std::string& verb,
                      const std::string& text,
                      bool asks_reason = false) {
  CLI::App* command = registration.app.add_subcommand(verb, text);
  const auto wish = std::make_shared<PairWishOptions>();
  wish->verb = verb;
  command->add_option("PROJECT", wish->project)->required();
  command->add_option("ENVIRONMENT", wish->environment)->required();
  command->add_option("-m,--message", wish->reason, "the reason, for the log")
      ->required(asks_reason);
  AddOutput(command, wish->json);
  Bind(registration, command, wish, AskPairWish);
}

void RegisterHold(Registration& registration) {
  CLI::App* command =
      registration.app.add_subcommand("hold", "Stop all automation of a project in an environment");
  const auto hold = std::make_shared<HoldOptions>();
  command->add_option("PROJECT", hold->project)->required();
  command->add_option("ENVIRONMENT", hold->environment)->required();
  command->add_option("--until",
                      hold->until,
                      "2026-12-01T09:00:00Z, or from now on: 2d (default: until it is resumed)");
  command->add_option("--healing", hold->healing, "off: drift is told and not repaired")
      ->check(CLI::IsMember({"on", "off"}));
  command->add_option("-m,--message", hold->reason, "the reason, for the log")->required();
  AddOutput(command, hold->json);
  Bind(registration, command, hold, RunHold);
}

void RegisterOverride(Registration& registration) {
  CLI::App* command =
      registration.app.add_subcommand("override", "Break-glass: let one gate pass for one release");
  const auto given = std::make_shared<OverrideOptions>();
  command->add_option("RELEASE", given->release, "such as churn-42")->required();
  command->add_option("ENVIRONMENT", given->environment)->required();
  command->add_option("--gate", given->gate, "the gate that stops it")->required();
  command->add_option("--expires", given->expires, "2h; at most 24h")->required();
  command->add_option("-m,--message", given->reason, "the reason, for the log")->required();
  AddOutput(command, given->json);
  Bind(registration, command, given, RunOverride);
}

}  // namespace

void RegisterChangingCommands(Registration& registration) {
  RegisterTriggers(registration);
  const auto promotion = std::make_shared<WishOptions>();
  Bind(registration,
       AddWish(registration, "promote", "Name the release for an environment", promotion),
       promotion,
       AskWish);
  RegisterJudgement(registration, "approve", "Say yes to a release in an environment");
  RegisterJudgement(registration, "reject", "Say no, until withdrawn");
  RegisterWithdrawal(registration);
  CLI::App* rollback = registration.app.add_subcommand("rollback", "Go back to a healthy release");
  const auto back = std::make_shared<RollbackOptions>();
  rollback->add_option("PROJECT", back->project)->required();
  rollback->add_option("ENVIRONMENT", back->environment)->required();
  rollback->add_option("--to", back->to, "default: the previous healthy release");
  rollback->add_option("--because", back->because, "what is bad: code, data, both or all")
      ->check(CLI::IsMember({"code", "data", "both", "all"}));
  rollback->add_option("-m,--message", back->reason, "the reason, for the log")->required();
  AddOutput(rollback, back->json);
  Bind(registration, rollback, back, RunRollback);
  RegisterPairWish(registration, "retry", "Try again what failed or stopped");
  RegisterHold(registration);
  RegisterPairWish(registration, "resume", "End a hold: automation goes on");
  RegisterPairWish(registration, "remove", "Take away what is deployed there", true);
  RegisterOverride(registration);
  RegisterAcceptHistory(registration);
}

}  // namespace failgate
