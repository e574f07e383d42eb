// What is not judged again because nothing changed, and what is judged again although no branch
// did.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::string ReasonOf(const WhyAnswer& why, const std::string& gate) {
  for (const GateVerdict& verdict : why.gates) {
    if (verdict.gate == gate) {
      return verdict.reason;
    }
  }
  return {};
}

/// A hook of the remote that takes no push that ends in a promotion; remove the file to end it.
std::filesystem::path RefusePromotions(LadderWorld& world) {
  auto hook = world.operations.origin() / "hooks" / "pre-receive";
  CreateFolders(hook.parent_path());
  WriteFileDurably(hook,
                   "#!/bin/sh\nread old new ref\n"
                   "! git log -1 --format=%s \"$new\" | grep -q '^promoted'\n",
                   0755);
  return hook;
}

TEST(Memory, PassesWithoutNewsShowTheSameSnapshot) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  const auto before = world.Snapshot();
  world.Turn();
  EXPECT_EQ(world.Snapshot(), before);
  Proof two;
  two.content = "two";
  world.PassRun(two);
  world.Turn();
  EXPECT_NE(world.Snapshot(), before);
  EXPECT_EQ(world.Status("recette").running.text(), "app-2");
}

TEST(Memory, ANewSnapshotSharesWhatDidNotChange) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  const auto before = world.Snapshot();
  world.EditMain({{"desired/prod/app.yaml", "release: app-1\n"}}, "Want app-1 in prod");
  const auto after = world.Snapshot();
  const EnvironmentProject dev{EnvironmentName("dev"), ProjectName("app")};
  const EnvironmentProject prod{EnvironmentName("prod"), ProjectName("app")};
  EXPECT_EQ(after->log->environments.at(dev).state, before->log->environments.at(dev).state);
  EXPECT_EQ(after->pairs.at(dev), before->pairs.at(dev));
  EXPECT_NE(after->pairs.at(prod), before->pairs.at(prod));
  EXPECT_EQ(before->log->Environment(prod.first, prod.second).sequence, 0);
  EXPECT_GT(after->log->Environment(prod.first, prod.second).sequence, 0);
}

TEST(Memory, APairThatIsGoneFromMainIsForgottenThoughItsVerdictWasNeverWritten) {
  LadderWorld world;
  const auto hook = RefusePromotions(world);
  world.PassRun({});
  EXPECT_THROW(world.Turn(), Error);
  std::filesystem::remove(hook);
  std::filesystem::remove(world.operations.clone() / "environments" / "recette" / "app.yaml");
  world.EditMain({}, "Do not deploy it there");
  const EnvironmentProject recette{EnvironmentName("recette"), ProjectName("app")};
  EXPECT_EQ(world.Snapshot()->pairs.count(recette), 0U);
  EXPECT_THAT(world.Facts("recette"), Not(Contains("promoted app-1")));
}

TEST(Memory, AnApprovalThatExpiresIsNotCountedAnyMore) {
  LadderWorld world;
  world.EditMain({{"environments/prod/environment.yaml",
                   "after: recette\npolicy: delivery\ngates:\n  approvals: {count: 2, from: "
                   "[alice@example.com, bob@example.com], expires: 1h}\n"}},
                 "Let approvals expire");
  world.PassRun({});
  world.Turn();
  world.Ask("approve", "prod", "app-1", "alice@example.com");
  EXPECT_THAT(ReasonOf(world.Why("prod"), "approvals"), HasSubstr("1 of 2"));
  world.clock.Advance(std::chrono::hours(2));
  world.Turn();
  EXPECT_THAT(ReasonOf(world.Why("prod"), "approvals"), HasSubstr("0 of 2"));
}

TEST(Memory, WhatCouldNotBeWrittenIsDraftedAgain) {
  LadderWorld world;
  const auto hook = RefusePromotions(world);
  world.PassRun({});
  EXPECT_THROW(world.Turn(), Error);
  EXPECT_EQ(world.Live("dev"), "one");
  EXPECT_THAT(world.Facts("recette"), Not(Contains("promoted app-1")));
  std::filesystem::remove(hook);
  world.Turn();
  EXPECT_THAT(world.Facts("recette"), Contains("promoted app-1"));
  EXPECT_EQ(world.Live("recette"), "one");
}

TEST(Memory, AChangedFloorIsJudgedAgainThoughTheProjectFileIsTheSame) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  EXPECT_EQ(world.Status("recette").running.text(), "app-1");
  world.EditMain({{"environments/recette/environment.yaml",
                   "after: dev\npolicy: deployment\ngates:\n  coverage: {lines: 95}\n"}},
                 "Ask for more");
  Proof two;
  two.content = "two";
  world.PassRun(two);
  world.Turn();
  EXPECT_THAT(ReasonOf(world.Why("recette"), "coverage"), HasSubstr("90"));
  EXPECT_EQ(world.Status("recette").running.text(), "app-1");
  world.EditMain({{"environments/recette/environment.yaml",
                   "after: dev\npolicy: deployment\ngates:\n  coverage: {lines: 85}\n"}},
                 "Ask for less");
  EXPECT_EQ(world.Status("recette").running.text(), "app-2");
}

}  // namespace
}  // namespace failgate
