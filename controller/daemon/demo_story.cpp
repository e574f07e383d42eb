#include "controller/daemon/demo_story.h"

#include <fmt/format.h>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

std::vector<std::string> ShowEdit() {
  return {"sh", "-c", "git -C shop diff -U0 shop | grep '^[-+][^-+]'"};
}

}  // namespace

void DemoStory::Tell() {
  LayLadder();
  FirstPush();
  BrokenPush();
  UntestedPush();
  GoodPush();
  HandEdit();
  RollBack();
  ReadTheLog();
}

void DemoStory::LayLadder() {
  voice_.Chapter(1, "The ladder: dev > recette > prod");
  voice_.Say(
      "Two repositories: `shop`, a Python service, and `operations`, which says what people");
  voice_.Say(
      "want. Dev and recette take in by themselves what passes their gates; prod waits for a");
  voice_.Say("person, and for two others who approve.");
  world_.LayDown();
  Type("alice", {"cat", "operations/environments/prod/environment.yaml"});
  Type("alice", {"failgate", "validate", "server/failgate.yaml", "operations", "shop"});
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

void DemoStory::FirstPush() {
  voice_.Chapter(2, "A push is the only button");
  voice_.Say("The repository's hook sends a signed webhook; the pipeline runs, a release is made.");
  const std::string release = PushToRecette("dana", "A shop that prices baskets");
  Type("you", {"failgate", "status"});
  voice_.Proved(fmt::format("{} climbed to recette by itself; prod waits for a person", release));
}

void DemoStory::BrokenPush() {
  voice_.Chapter(3, "A push whose unit test fails");
  const std::size_t releases = world_.watch().Releases();
  world_.EditShop("broken");
  Type("erik", ShowEdit());
  const DemoRun run = Push("erik", "Compare prices another way");
  Expect(run.state == "failed", "the run fails", fmt::format("run {} {}", run.id, run.state));
  Type("you", {"failgate", "runs", "show", run.id});
  Type("you", {"sh", "-c", fmt::format("failgate runs logs {} unit | grep ^FAILED", run.id)});
  Expect(world_.watch().Releases() == releases, "no new release", "one more");
  voice_.Proved("the first failure stopped the run: no release, nothing to promote");
}

void DemoStory::UntestedPush() {
  voice_.Chapter(4, "A push under the coverage floor");
  voice_.Say("The discount is repaired, but shipping costs come without a test.");
  world_.EditShop("untested");
  const DemoRun run = Push("farah", "Shipping costs; compare prices as before");
  Expect(!run.release.empty(), "a release", fmt::format("run {} {}", run.id, run.state));
  world_.watch().AwaitLive("dev", run.release);
  world_.watch().AwaitVerdict("recette", run.release, {"blocked", "coverage", "fail"});
  Type("farah", {"cat", "operations/environments/recette/environment.yaml"});
  Type("you", {"failgate", "why", "shop", "recette"});
  voice_.Proved(fmt::format("{} runs in dev, and recette does not take it", run.release));
}

void DemoStory::GoodPush() {
  voice_.Chapter(5, "A good push goes to production");
  world_.EditShop("tested");
  good_release_ = PushToRecette("dana", "Test the shipping costs");
  TakeToProd(good_release_);
  Type("you", {"readlink", "live/prod/shop"});
  Type("you", {"ls", "live/prod/shop/service/shop"});
  voice_.Proved(fmt::format("{} is live in prod", good_release_));
}

void DemoStory::HandEdit() {
  voice_.Chapter(6, "Somebody edits a file in production by hand");
  const std::string file = "live/prod/shop/service/shop/pricing.py";
  const long long before = world_.watch().NewestFact("prod");
  Type("erik",
       {"sh", "-c", fmt::format("chmod u+w {0} && echo 'DISCOUNT_PERCENT = 90' >> {0}", file)});
  world_.watch().AwaitFact("prod", "drifted", before);
  world_.watch().AwaitFact("prod", "healed", before);
  world_.watch().AwaitLive("prod", good_release_);
  Type("you", {"grep", "-n", "DISCOUNT_PERCENT =", file});
  Type("you", {"failgate", "log", "--environment", "prod", "--limit", "2"});
  voice_.Proved("found, written down and repaired: prod is what was decided");
}

void DemoStory::RollBack() {
  voice_.Chapter(7, "The next release was a mistake");
  world_.EditShop("costly");
  Type("dana", ShowEdit());
  const std::string release = PushToRecette("dana", "Half price for large baskets");
  TakeToProd(release);
  Type("carol",
       {"failgate", "rollback", "shop", "prod", "-m", "half price was meant to be 15 percent"});
  world_.watch().AwaitLive("prod", good_release_);
  Type("carol", {"git", "-C", "operations", "pull", "-q"});
  Type("carol", {"cat", "operations/desired/prod/shop.yaml"});
  voice_.Proved(
      fmt::format("{} is live again, and {} is never chosen there again", good_release_, release));
}

void DemoStory::ReadTheLog() {
  voice_.Chapter(8, "What git says");
  Type("you", {"failgate", "status"});
  Type("you", {"failgate", "why", "shop", "prod"});
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
  voice_.Say("  $EDITOR shop/shop/pricing.py; git -C shop commit -a; git -C shop push");
  voice_.Say("  failgate status; failgate why shop recette; failgate promote RELEASE prod");
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
  world_.shell().Must({"git", "-C", "shop", "add", "-A"});
  Type(handle, {"git", "-C", "shop", "commit", "-q", "-m", message});
  Type(handle, {"git", "-C", "shop", "push", "-q", "-u", "origin", "main"});
  return world_.watch().AwaitRun(world_.ShopHead());
}

std::string DemoStory::PushToRecette(const std::string& handle, const std::string& message) const {
  const DemoRun run = Push(handle, message);
  Expect(!run.release.empty(), "a release", fmt::format("run {} {}", run.id, run.state));
  voice_.Proved(fmt::format("the pipeline succeeded and made {}", run.release));
  world_.watch().AwaitLive("dev", run.release);
  world_.watch().AwaitLive("recette", run.release);
  voice_.Proved(fmt::format("{} runs in dev and in recette", run.release));
  return run.release;
}

void DemoStory::TakeToProd(const std::string& release) const {
  Type("dana", {"failgate", "promote", release, "prod"});
  world_.watch().AwaitVerdict("prod", release, {"waiting", "approvals", "wait"});
  Type("dana", {"failgate", "why", "shop", "prod"});
  Type("alice", {"failgate", "approve", release, "prod", "-m", "tried it in recette"});
  Type("bob", {"failgate", "approve", release, "prod"});
  world_.watch().AwaitLive("prod", release);
  voice_.Proved(fmt::format("{} runs in prod", release));
}

void DemoStory::Expect(bool holds, const std::string& expected, const std::string& seen) const {
  if (holds) return;
  throw Error(Remedy::kNeedsChange, fmt::format("expected: {}; seen: {}", expected, seen));
}

}  // namespace failgate
