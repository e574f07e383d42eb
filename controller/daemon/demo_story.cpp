#include "controller/daemon/demo_story.h"

#include <fmt/format.h>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {

void DemoStory::Tell() {
  LayLadder();
  FirstPush();
  BrokenPush();
  UntestedPush();
  CodePush();
  DataPush();
  BadDataPush();
  WorseModel();
  HandEdit();
  RollBack();
  ReadTheLog();
}

void DemoStory::LayLadder() {
  voice_.Chapter(1, "The ladder: dev > recette > prod");
  voice_.Say(
      "Two repositories: `churn`, a model that says which customers will leave and the service");
  voice_.Say(
      "that asks it, and `operations`, which says what people want. Dev and recette take in by");
  voice_.Say(
      "themselves what passes their gates; prod waits for a person, and for two others who "
      "approve.");
  world_.LayDown();
  Type("alice", {"cat", "operations/environments/prod/environment.yaml"});
  Type("alice", {"failgate", "validate", "server/failgate.yaml", "operations", "churn"});
  if (!world_.no_sandbox().empty()) {
    voice_.Say("This machine has no sandbox for steps; for its own project the demo does without:");
    voice_.Answer(world_.no_sandbox());
  }
  voice_.Typed("alice", "failgate serve --config server/failgate.yaml &");
  world_.StartController();
  world_.MakeTokens();
  voice_.Proved(fmt::format("the controller answers at {}; it signs each fact with its own key",
                            world_.controller().url()));
}

void DemoStory::ReadTheLog() {
  voice_.Chapter(11, "What git says");
  Type("you", {"failgate", "status"});
  Type("you", {"failgate", "why", "churn", "prod"});
  Type("you", {"failgate", "metrics", "churn", "--metric", "auc"});
  voice_.Say("The deploy log is a branch; stock git reads it and proves it.");
  Type("you", {"git", "clone", "-q", "git/operations.git", "clone"});
  Type("you",
       {"git",
        "-C",
        "clone",
        "log",
        "--format=%h %ad %s",
        "--date=format:%H:%M:%S",
        "origin/deploy-log",
        "--",
        "prod/"});
  Type("you", {"git", "-C", "clone", "config", "gpg.ssh.allowedSignersFile", "allowed_signers"});
  Type("you", {"git", "-C", "clone", "verify-commit", "origin/deploy-log"});
  Type("you", {"failgate", "audit", "verify", "--repo", "clone"});
  voice_.Proved("every fact is signed, in order, and comes out the same when it is computed again");
}

void DemoStory::TellHowToGoOn() const {
  voice_.Say("");
  voice_.Say("The controller serves on until Ctrl-C. In another terminal:");
  voice_.Say("");
  voice_.Say(fmt::format("  cd {}", world_.folder().string()));
  voice_.Say(fmt::format("  export PATH={}:$PATH FAILGATE_URL={}",
                         world_.shell().program().parent_path().string(),
                         world_.controller().url()));
  voice_.Say("  export FAILGATE_TOKEN=$(cat people/dana.token)   # or alice, bob, carol, you");
  voice_.Say("  $EDITOR churn/churn/service.py; git -C churn commit -a; git -C churn push");
  voice_.Say("  failgate status; failgate why churn recette; failgate promote RELEASE prod");
  voice_.Say("");
  voice_.Say("The controller's own output is in controller.log.");
}

void DemoStory::Type(const std::string& handle, const std::vector<std::string>& argv) const {
  const bool pipe = argv.size() == 3 && argv[0] == "sh" && argv[1] == "-c";
  const std::string typed = pipe ? argv[2] : AsTyped(argv);
  voice_.Typed(handle, typed);
  const DemoAnswer answer = world_.shell().Run(argv, world_.EnvironmentOf(DemoPersonOf(handle)));
  voice_.Answer(answer.text);
  Expect(answer.exit_code == 0,
         fmt::format("`{}` succeeds", typed),
         fmt::format("exit code {}", answer.exit_code));
}

DemoRun DemoStory::Push(const std::string& handle, const std::string& message) const {
  world_.shell().Must({"git", "-C", "churn", "add", "-A"});
  Type(handle, {"git", "-C", "churn", "commit", "-q", "-m", message});
  Type(handle, {"git", "-C", "churn", "push", "-q", "-u", "origin", "main"});
  return world_.watch().AwaitRun(world_.Head());
}

DemoRun DemoStory::PushToRecette(const std::string& handle, const std::string& message) const {
  const DemoRun run = Push(handle, message);
  Expect(!run.release.empty(), "a release", fmt::format("run {} {}", run.id, run.state));
  voice_.Proved(fmt::format("the pipeline succeeded and made {}", run.release));
  world_.watch().AwaitLive("dev", run.release);
  world_.watch().AwaitLive("recette", run.release);
  voice_.Proved(fmt::format("{} runs in dev and in recette", run.release));
  return run;
}

void DemoStory::TakeToProd(const std::string& release) const {
  Type("dana", {"failgate", "promote", release, "prod"});
  world_.watch().AwaitVerdict("prod", release, {"waiting", "approvals", "wait"});
  Type("dana", {"failgate", "why", "churn", "prod"});
  Type("alice", {"failgate", "approve", release, "prod", "-m", "tried it in recette"});
  Type("bob", {"failgate", "approve", release, "prod"});
  world_.watch().AwaitLive("prod", release);
  voice_.Proved(fmt::format("{} runs in prod", release));
}

void DemoStory::ShowEdit(const std::string& handle) const {
  Type(handle, {"sh", "-c", "git -C churn diff -U0 churn | grep '^[-+][^-+]'"});
}

void DemoStory::Expect(bool holds, const std::string& expected, const std::string& seen) const {
  if (holds) return;
  throw Error(Remedy::kNeedsChange, fmt::format("expected: {}; seen: {}", expected, seen));
}

}  // namespace failgate
