// The chapters between the ladder and what git says: code and data are pushed.
#include <fmt/format.h>

#include "controller/daemon/demo_story.h"

namespace failgate {

void DemoStory::FirstPush() {
  voice_.Chapter(2, "Code comes first, and a training in full");
  voice_.Say(
      "The repository's hook sends a signed webhook and the pipeline runs. A push of code only");
  voice_.Say(
      "tries the training out (degraded): such a model is evidence and never released. As there");
  voice_.Say(
      "is no other yet, the release waits for a training in full, which is queued by itself.");
  first_release_ = PushToRecette("dana", "Say which customers will leave").release;
  Type("you", {"failgate", "runs", "list"});
  TakeToProd(first_release_);
  Type("you", {"failgate", "status"});
  voice_.Proved(fmt::format("{} is the champion: what others are compared with", first_release_));
}

void DemoStory::BrokenPush() {
  voice_.Chapter(3, "A push whose unit test fails");
  const std::size_t releases = world_.watch().Releases();
  world_.Edit("broken");
  ShowEdit("erik");
  const DemoRun run = Push("erik", "Compare probabilities another way");
  Expect(run.state == "failed", "the run fails", fmt::format("run {} {}", run.id, run.state));
  Type("you", {"failgate", "runs", "show", run.id});
  Type("you", {"sh", "-c", fmt::format("failgate runs logs {} unit | grep ^FAILED", run.id)});
  Expect(world_.watch().Releases() == releases, "no new release", "one more");
  voice_.Proved("the first failure stopped the run: nothing was trained, nothing to promote");
}

void DemoStory::UntestedPush() {
  voice_.Chapter(4, "A push under the coverage floor");
  voice_.Say("The comparison is repaired, but what customers are offered comes without a test.");
  world_.Edit("untested");
  const DemoRun run = Push("farah", "Offer something to who may leave; compare as before");
  Expect(!run.release.empty(), "a release", fmt::format("run {} {}", run.id, run.state));
  world_.watch().AwaitLive("dev", run.release);
  world_.watch().AwaitVerdict("recette", run.release, {"blocked", "coverage", "fail"});
  Type("farah", {"cat", "operations/environments/recette/environment.yaml"});
  Type("you", {"failgate", "why", "churn", "recette"});
  voice_.Proved(fmt::format("{} runs in dev, and recette does not take it", run.release));
}

void DemoStory::CodePush() {
  voice_.Chapter(5, "New code carries the model on");
  world_.Edit("tested");
  const DemoRun run = PushToRecette("dana", "Test what is offered");
  Type("you", {"failgate", "runs", "show", run.id});
  Type("you", {"sh", "-c", "sha256sum live/*/churn/model.joblib | cut -c 1-12,65-"});
  voice_.Proved(fmt::format(
      "{} is new code around the very model that {} trained in full", run.release, first_release_));
}

void DemoStory::DataPush() {
  voice_.Chapter(6, "New data: a training in full, a better model");
  world_.Edit("more-data");
  Type("dana", {"sh", "-c", "wc -l churn/data/*.csv"});
  better_release_ = PushToRecette("dana", "The second quarter").release;
  Type("alice", {"cat", "operations/environments/recette/churn.yaml"});
  TakeToProd(better_release_);
  Type("you", {"sh", "-c", "sha256sum live/*/churn/model.joblib | cut -c 1-12,65-"});
  voice_.Proved(fmt::format("{} is the new champion", better_release_));
}

void DemoStory::BadDataPush() {
  voice_.Chapter(7, "Bad data: an export that lost values");
  world_.Edit("bad-data");
  Type("erik", {"tail", "-n", "2", "churn/data/2026-q3.csv"});
  const DemoRun run = Push("erik", "The third quarter");
  Expect(!run.release.empty(), "a release", fmt::format("run {} {}", run.id, run.state));
  world_.watch().AwaitVerdict("dev", run.release, {"blocked", "data", "fail"});
  Type("you", {"failgate", "why", "churn", "dev"});
  voice_.Proved("what was trained on it runs nowhere: the gates ask for the data too");
}

void DemoStory::WorseModel() {
  voice_.Chapter(8, "Data that only looks good: the model is worse");
  voice_.Say(
      "The export comes again, complete, but it says 1 of those who stayed. All tests pass.");
  world_.Edit("worse-data");
  const DemoRun run = Push("erik", "The third quarter, complete");
  Expect(!run.release.empty(), "a release", fmt::format("run {} {}", run.id, run.state));
  voice_.Proved(fmt::format("the pipeline succeeded and made {}", run.release));
  world_.watch().AwaitLive("dev", run.release);
  world_.watch().AwaitVerdict("recette", run.release, {"blocked", "model", "fail"});
  Type("you", {"failgate", "why", "churn", "recette"});
  world_.watch().AwaitLive("recette", better_release_);
  voice_.Proved(
      fmt::format("the champion {} stays: operators measure on customers that no training sees",
                  better_release_));
}

void DemoStory::HandEdit() {
  voice_.Chapter(9, "Somebody copies a model to production by hand");
  const std::string model = "live/prod/churn/model.joblib";
  const long long before = world_.watch().NewestFact("prod");
  Type("erik",
       {"sh", "-c", fmt::format("chmod u+w {0} && cp live/dev/churn/model.joblib {0}", model)});
  world_.watch().AwaitFact("prod", "drifted", before);
  world_.watch().AwaitFact("prod", "healed", before);
  world_.watch().AwaitLive("prod", better_release_);
  Type("you", {"sh", "-c", "sha256sum live/*/churn/model.joblib | cut -c 1-12,65-"});
  Type("you", {"failgate", "log", "--environment", "prod", "--limit", "2"});
  voice_.Proved("found, written down and repaired: prod is what was decided");
}

void DemoStory::RollBack() {
  voice_.Chapter(10, "The data must go");
  Type("carol",
       {"failgate",
        "rollback",
        "churn",
        "prod",
        "--because",
        "data",
        "-m",
        "customers of the second quarter were never asked"});
  world_.watch().AwaitLive("prod", first_release_);
  Type("carol", {"git", "-C", "operations", "pull", "-q"});
  Type("carol", {"cat", "operations/desired/prod/churn.yaml"});
  voice_.Proved(fmt::format(
      "{} is live again, and {} is never chosen there again", first_release_, better_release_));
}

}  // namespace failgate
