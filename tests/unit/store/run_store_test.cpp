#include "controller/store/run_store.h"

#include <gtest/gtest.h>

#include "controller/store/step_store.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

struct RunWorld : StoreWorld {
  RunStore runs{database, clock};
  StepStore steps{database, clock};

  static NewRun ForRevision(const std::string& revision, const std::string& project = "churn") {
    NewRun run;
    run.project = ProjectName(project);
    run.source = SourceName(project);
    run.ref = "refs/heads/main";
    run.revision = CommitId(revision);
    run.deliveries = {"d1"};
    run.steps = {NewStep{"unit", "unit"}, NewStep{"build", "build"}};
    return run;
  }
  RunId Create(const std::string& revision, const std::string& project = "churn") {
    return runs.Create(ForRevision(revision, project)).id;
  }
};

TEST(RunStore, AnswersTheSameRunForTheSameKey) {
  RunWorld world;
  const RunStore::Created first = world.runs.Create(RunWorld::ForRevision("a"));
  const RunStore::Created second = world.runs.Create(RunWorld::ForRevision("a"));
  EXPECT_TRUE(first.is_new);
  EXPECT_FALSE(second.is_new);
  EXPECT_EQ(first.id, second.id);
}

TEST(RunStore, RunsTheSameKeyAgainWhenAsked) {
  RunWorld world;
  NewRun again = RunWorld::ForRevision("a");
  again.again_nonce = "request-1";
  const RunId first = world.Create("a");
  const RunStore::Created second = world.runs.Create(again);
  EXPECT_TRUE(second.is_new);
  EXPECT_NE(first, second.id);
  EXPECT_TRUE(world.runs.Get(second.id)->again);
}

TEST(RunStore, KeepsTriggersAndDataVersionsApart) {
  RunWorld world;
  NewRun data = RunWorld::ForRevision("a");
  data.trigger = RunTrigger::kData;
  NewRun version = RunWorld::ForRevision("a");
  version.data_version = "v2";
  world.Create("a");
  EXPECT_TRUE(world.runs.Create(data).is_new);
  EXPECT_TRUE(world.runs.Create(version).is_new);
}

TEST(RunStore, GoesFromQueuedToFinishedOnce) {
  RunWorld world;
  const RunId id = world.Create("a");
  EXPECT_TRUE(world.runs.Start(id));
  EXPECT_FALSE(world.runs.Start(id));
  EXPECT_TRUE(world.runs.Finish(id, RunState::kSucceeded, "", "{}", ReleaseState::kOwed));
  EXPECT_FALSE(world.runs.Finish(id, RunState::kFailed, "late", "", ReleaseState::kNone));
  const failgate::Run run = world.runs.Get(id).value();
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.evidence_json, "{}");
  EXPECT_EQ(run.finished, world.clock.Now());
}

TEST(RunStore, OwesAReleaseUntilItIsWritten) {
  RunWorld world;
  const RunId id = world.Create("a");
  world.runs.Finish(id, RunState::kSucceeded, "", "{}", ReleaseState::kOwed);
  ASSERT_EQ(world.runs.OwedReleases().size(), 1U);
  world.runs.MarkReleased(id, ReleaseName("churn-1"));
  world.runs.IgnoreRelease(id, "too late");
  EXPECT_TRUE(world.runs.OwedReleases().empty());
  EXPECT_EQ(world.runs.Get(id)->release, ReleaseName("churn-1"));
  EXPECT_EQ(world.runs.Get(id)->release_state, ReleaseState::kDone);
}

TEST(RunStore, GivesOldestRunsWithinEachProjectsShare) {
  RunWorld world;
  const RunId first = world.Create("a");
  const RunId second = world.Create("b");
  const RunId other = world.Create("c", "pricing");
  std::vector<failgate::Run> next = world.runs.NextQueued(10, 1);
  ASSERT_EQ(next.size(), 2U);
  EXPECT_EQ(next[0].id, first);
  EXPECT_EQ(next[1].id, other);
  world.runs.Start(first);
  EXPECT_EQ(world.runs.NextQueued(10, 1).size(), 1U);
  EXPECT_EQ(world.runs.NextQueued(10, 2).at(0).id, second);
  EXPECT_EQ(world.runs.NextQueued(1, 2).size(), 1U);
}

TEST(RunStore, SupersedesOlderQueuedRunsOfTheSameRef) {
  RunWorld world;
  const RunId running = world.Create("a");
  world.runs.Start(running);
  const RunId queued = world.Create("b");
  NewRun manual = RunWorld::ForRevision("b");
  manual.trigger = RunTrigger::kManual;
  world.runs.Create(manual);
  const RunId newer = world.Create("c");
  EXPECT_EQ(world.runs.SupersedeQueued(SourceName("churn"), "refs/heads/main", newer),
            std::vector<RunId>{queued});
  EXPECT_EQ(world.runs.Get(queued)->state, RunState::kSuperseded);
  EXPECT_EQ(world.runs.Get(queued)->superseded_by, newer);
  EXPECT_EQ(world.runs.Get(running)->state, RunState::kRunning);
}

TEST(RunStore, AsksForUntoldRunsByTheirIndexNotByEachRunThereEverWas) {
  RunWorld world;
  Session session(world.database);
  Rows rows = session->Query(
      "EXPLAIN QUERY PLAN SELECT * FROM runs WHERE state = 'superseded' AND release_state = 'none' "
      "AND trigger_word <> 'check' ORDER BY id");
  ASSERT_TRUE(rows.Next());
  EXPECT_NE(rows.Text(3).find("runs_untold"), std::string::npos) << rows.Text(3);
}

TEST(RunStore, OwesTheFactOfASupersededRunOnce) {
  RunWorld world;
  const RunId queued = world.Create("a");
  const RunId newer = world.Create("b");
  world.runs.SupersedeQueued(SourceName("churn"), "refs/heads/main", newer);
  const std::string reason = world.runs.Get(queued)->reason;
  ASSERT_EQ(world.runs.UntoldSuperseded().size(), 1U);
  EXPECT_EQ(world.runs.UntoldSuperseded()[0].id, queued);
  world.runs.IgnoreRelease(queued, reason);
  EXPECT_TRUE(world.runs.UntoldSuperseded().empty());
  EXPECT_EQ(world.runs.Get(queued)->reason, reason);
  world.runs.IgnoreRelease(newer, "nothing is owed for it");
  EXPECT_EQ(world.runs.Get(newer)->release_state, ReleaseState::kNone);
}

TEST(RunStore, CancelsQueuedRunsAtOnceAndAsksRunningOnes) {
  RunWorld world;
  const RunId queued = world.Create("a");
  EXPECT_EQ(world.runs.RequestCancel(queued, "by alice"), CancelOutcome::kCancelled);
  EXPECT_EQ(world.runs.RequestCancel(queued, "again"), CancelOutcome::kAlreadyFinished);
  EXPECT_EQ(world.runs.RequestCancel(RunId("x"), ""), CancelOutcome::kNotFound);
  const RunId running = world.Create("b");
  world.runs.Start(running);
  EXPECT_EQ(world.runs.RequestCancel(running, "by alice"), CancelOutcome::kRequested);
  EXPECT_TRUE(world.runs.IsCancelRequested(running));
  world.runs.Requeue(running);
  EXPECT_FALSE(world.runs.Start(running));
}

TEST(RunStore, RecordsRunsThatAreRefusedWithTheirReason) {
  RunWorld world;
  NewRun run = RunWorld::ForRevision("a");
  run.reason = "the project is bound to another source";
  const RunStore::Created created = world.runs.CreateFinished(run, RunState::kRefused);
  EXPECT_EQ(world.runs.Get(created.id)->reason, run.reason);
  EXPECT_EQ(world.steps.Of(created.id).at(0).state, StepState::kSkipped);
  EXPECT_TRUE(world.runs.NextQueued(10, 1).empty());
}

TEST(RunStore, ListsNewestFirstByPageAndFilter) {
  RunWorld world;
  world.Create("a");
  const RunId second = world.Create("b");
  const RunId third = world.Create("c", "pricing");
  RunFilter filter;
  filter.limit = 1;
  EXPECT_EQ(world.runs.List(filter).at(0).id, third);
  filter.before = third.text();
  EXPECT_EQ(world.runs.List(filter).at(0).id, second);
  filter = RunFilter();
  filter.project = ProjectName("pricing");
  filter.state = RunState::kQueued;
  filter.trigger = RunTrigger::kCode;
  EXPECT_EQ(world.runs.List(filter).size(), 1U);
  filter.state = RunState::kFailed;
  EXPECT_TRUE(world.runs.List(filter).empty());
}

TEST(RunStore, AddsDeliveriesOnce) {
  RunWorld world;
  const RunId id = world.Create("a");
  world.runs.AddDeliveries(id, {"d1", "d2"});
  EXPECT_EQ(world.runs.Get(id)->deliveries, (std::vector<std::string>{"d1", "d2"}));
}

TEST(RunWords, ReadBackWhatTheyWrite) {
  for (const char* word :
       {"queued", "running", "succeeded", "failed", "cancelled", "superseded", "refused"}) {
    EXPECT_EQ(Word(ParseRunState(word).value()), word);
  }
  EXPECT_EQ(ParseRunState("done"), std::nullopt);
  EXPECT_EQ(ParseRunTrigger("push"), std::nullopt);
  EXPECT_EQ(ParseStepState("ok"), std::nullopt);
}

}  // namespace
}  // namespace failgate
