#include "controller/store/step_store.h"

#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "controller/store/run_store.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

struct StepWorld : StoreWorld {
  RunStore runs{database, clock};
  StepStore steps{database, clock};
  RunId run = CreateRun("a");

  RunId CreateRun(const std::string& revision) {
    NewRun wanted;
    wanted.project = ProjectName("churn");
    wanted.source = SourceName("churn");
    wanted.revision = CommitId(revision);
    wanted.steps = {NewStep{"unit", "unit"}, NewStep{"build", "build"}};
    return runs.Create(wanted).id;
  }
  void RunStep(const RunId& id, StepState state, Milliseconds duration) {
    steps.Begin(id, "unit", "log");
    clock.Advance(duration);
    StepEnd end;
    end.state = state;
    end.exit_code = state == StepState::kPassed ? 0 : 1;
    end.result_json = "{}";
    steps.End(id, "unit", end);
  }
};

TEST(StepStore, KeepsThePlannedOrder) {
  StepWorld world;
  const std::vector<Step> steps = world.steps.Of(world.run);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].name, "unit");
  EXPECT_EQ(steps[1].level, "build");
  EXPECT_EQ(steps[1].state, StepState::kPending);
}

TEST(StepStore, RemembersTheProcessOfARunningAttempt) {
  StepWorld world;
  EXPECT_EQ(world.steps.Begin(world.run, "unit", "/log"), 1);
  world.steps.SetProcess(world.run, "unit", 4711, "12345");
  const std::vector<Step> running = world.steps.Running();
  ASSERT_EQ(running.size(), 1U);
  EXPECT_EQ(running[0].pid, 4711);
  EXPECT_EQ(running[0].start_time, "12345");
  EXPECT_EQ(running[0].log_path, "/log");
}

TEST(StepStore, CountsAttemptsAfterAReset) {
  StepWorld world;
  world.steps.Begin(world.run, "unit", "/log");
  EXPECT_THROW(world.steps.Begin(world.run, "unit", "/log"), Error);
  world.steps.Reset(world.run, "unit");
  EXPECT_EQ(world.steps.Begin(world.run, "unit", "/log2"), 2);
}

TEST(StepStore, MeasuresWhatPassedAndFailed) {
  StepWorld world;
  world.RunStep(world.run, StepState::kPassed, std::chrono::seconds(2));
  world.RunStep(world.CreateRun("b"), StepState::kFailed, std::chrono::seconds(4));
  world.RunStep(world.CreateRun("c"), StepState::kCancelled, std::chrono::seconds(9));
  const StepStatistics unit = world.steps.Statistics(ProjectName("churn")).at("unit");
  EXPECT_EQ(unit.runs, 2);
  EXPECT_EQ(unit.failures, 1);
  EXPECT_EQ(unit.total_duration, std::chrono::seconds(6));
  EXPECT_TRUE(world.steps.Statistics(ProjectName("pricing")).empty());
}

TEST(StepStore, CountsAnEndOnce) {
  StepWorld world;
  world.RunStep(world.run, StepState::kFailed, std::chrono::seconds(1));
  world.steps.End(world.run, "unit", StepEnd());
  EXPECT_EQ(world.steps.Statistics(ProjectName("churn")).at("unit").runs, 1);
  EXPECT_EQ(world.steps.Get(world.run, "unit")->exit_code, 1);
}

TEST(StepStore, EndsWhatIsOpenWhenTheRunEnds) {
  StepWorld world;
  world.steps.Begin(world.run, "unit", "/log");
  world.runs.Finish(world.run, RunState::kCancelled, "", "", ReleaseState::kNone);
  EXPECT_EQ(world.steps.Get(world.run, "unit")->state, StepState::kCancelled);
  EXPECT_EQ(world.steps.Get(world.run, "build")->state, StepState::kSkipped);
  EXPECT_TRUE(world.steps.Running().empty());
}

TEST(StepStore, SkipsOnlyWhatIsPending) {
  StepWorld world;
  world.RunStep(world.run, StepState::kPassed, std::chrono::seconds(1));
  world.steps.SetSkipped(world.run, "unit", "x");
  world.steps.SetSkipped(world.run, "build", "unit failed");
  EXPECT_EQ(world.steps.Get(world.run, "unit")->state, StepState::kPassed);
  EXPECT_EQ(world.steps.Get(world.run, "build")->reason, "unit failed");
}

}  // namespace
}  // namespace failgate
