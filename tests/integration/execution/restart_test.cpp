// Killed in the middle of a step: the run ends where it would have ended.
#include <unistd.h>

#include "tests/integration/execution/execution_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;

using RestartTest = ExecutionWorld;

TEST_F(RestartTest,
       given_a_killed_controller_when_it_starts_again_then_finished_steps_are_not_repeated) {
  const RunId id = Queue(R"(
steps:
  - name: first
    level: unit
    run: |
      cp junit.xml r.xml; date +%s%N > stamp
    reports: {tests: r.xml}
    artifacts: [{name: stamp, path: stamp}]
  - name: second
    level: functional
    needs: [first]
    timeout: 4s
    run: |
      test -f stamp; echo on; sleep 600
)",
                         {{"junit.xml", kGreenJunit}});
  KillInTheMiddle(id, "second");
  EXPECT_EQ(life_->runs.Get(id)->state, RunState::kRunning);
  EXPECT_EQ(life_->steps.Get(id, "second")->state, StepState::kPending);
  const std::string before = life_->steps.Get(id, "first")->result_json;
  const failgate::Run run = Execute(id);
  EXPECT_EQ(run.state, RunState::kFailed) << "the second attempt runs into its deadline";
  EXPECT_THAT(run.reason, HasSubstr("step second failed"));
  EXPECT_EQ(StepOf(run, "first").attempt, 1);
  EXPECT_EQ(StepOf(run, "first").result_json, before);
  EXPECT_EQ(StepOf(run, "second").attempt, 2);
  EXPECT_EQ(ResultOf(run).evidence.tests.at("unit").passed, 2) << "evidence of the former life";
  ExpectNothingLeft();
}

TEST_F(RestartTest,
       given_a_finished_training_when_killed_later_then_neither_it_nor_its_run_is_made_twice) {
  const RunId id = Queue(R"(
steps:
  - name: train
    level: train
    run: date +%s%N > model
    artifacts: [{name: model, path: model}]
  - {name: functional, level: functional, needs: [train], timeout: 2s, run: "echo on; sleep 600"}
)");
  KillInTheMiddle(id, "functional");
  const std::string trained = life_->steps.Get(id, "train")->result_json;
  EXPECT_EQ(QueueAgain(TriggerKind::kCode, ""), id) << "the same code and data are one run";
  const failgate::Run run = Execute(id);
  EXPECT_EQ(StepOf(run, "train").attempt, 1);
  EXPECT_EQ(StepOf(run, "train").result_json, trained);
  EXPECT_EQ(StepOf(run, "functional").attempt, 2);
  const RunId again = QueueAgain(TriggerKind::kCode, "again:1");
  EXPECT_NE(again, id);
  EXPECT_EQ(StepOf(Execute(again), "train").attempt, 1) << "asked for anew, trained anew";
  EXPECT_NE(StepOf(Execute(again), "train").result_json, trained);
}

TEST_F(RestartTest, given_a_lost_artifact_when_the_run_goes_on_then_its_step_runs_again) {
  const RunId id = Queue(R"(
steps:
  - name: first
    level: unit
    run: echo bytes > a
    artifacts: [{name: a, path: a}]
  - {name: second, level: functional, needs: [first], timeout: 2s, run: "echo on; sleep 600"}
)");
  KillInTheMiddle(id, "second");
  RemoveTree(data_ / "artifacts/objects");
  Restart();
  const failgate::Run run = Execute(id);
  EXPECT_EQ(StepOf(run, "first").attempt, 2);
  EXPECT_EQ(StepOf(run, "first").state, StepState::kPassed);
}

TEST_F(RestartTest, given_an_orderly_stop_when_the_program_starts_again_then_the_run_goes_on) {
  const RunId id =
      Queue("steps:\n  - {name: slow, level: unit, timeout: 5s, run: 'echo on; sleep 600'}\n");
  executor_->Start();
  executor_->Wake();
  while (life_->steps.Get(id, "slow")->pid == 0) {
    usleep(1000);
  }
  executor_->Stop();
  EXPECT_EQ(life_->runs.Get(id)->state, RunState::kRunning);
  EXPECT_EQ(life_->steps.Get(id, "slow")->state, StepState::kPending);
  Restart();
  EXPECT_EQ(life_->runs.RequestCancel(id, "enough"), CancelOutcome::kRequested);
  EXPECT_EQ(Execute(id).state, RunState::kCancelled);
}

TEST_F(RestartTest, given_a_broken_mirror_when_a_run_starts_then_it_is_put_off_and_later_succeeds) {
  const RunId id = Queue("steps:\n  - {name: unit, level: unit, run: 'true'}\n");
  bool broken = true;
  questions_.mirror_is_broken = [&broken](const SourceName&) { return broken; };
  Restart();
  std::filesystem::rename(data_ / "mirrors/churn.git", data_ / "mirrors/away");
  EXPECT_TRUE(executor_->Step());
  EXPECT_EQ(life_->runs.Get(id)->state, RunState::kQueued);
  EXPECT_FALSE(executor_->Step()) << "not at once again";
  std::filesystem::rename(data_ / "mirrors/away", data_ / "mirrors/churn.git");
  Restart();
  EXPECT_EQ(Execute(id).state, RunState::kSucceeded);
}

}  // namespace
}  // namespace failgate
