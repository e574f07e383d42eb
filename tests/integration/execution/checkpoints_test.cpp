// A training goes on from its own checkpoints, and never from those of another one.
#include "controller/base/digest.h"
#include "tests/integration/execution/execution_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;

/// Waits to be killed when code asked for it; else it trains to the end.
constexpr const char* kTraining = R"sh(
steps:
  - name: train
    level: train
    run: |
      at="$FAILGATE_CHECKPOINTS/epoch"
      if test -f "$at"; then echo "went on from $(cat "$at")" > model; exit 0; fi
      echo 3 > "$at.new"
      mv "$at.new" "$at"
      echo on
      if test "$FAILGATE_TRIGGER" = code; then sleep 600; fi
      echo "from the start" > model
    timeout: 1m
    artifacts: [{name: model, path: model}]
)sh";

class CheckpointsTest : public ExecutionWorld {
 protected:
  [[nodiscard]] std::filesystem::path Slot() const { return data_ / "checkpoints/churn/train"; }
  void ExpectModel(const failgate::Run& run, const std::string& content) {
    ASSERT_EQ(run.state, RunState::kSucceeded) << run.reason << "\n" << LogOf(run, "train");
    EXPECT_EQ(ResultOf(run).artifacts.at(0).sha256, Sha256Hex(content + "\n"));
  }
  /// A run of kTraining was killed and given up; its checkpoints are there.
  void GiveUpInTheMiddle() {
    const RunId id = Queue(kTraining);
    KillInTheMiddle(id, "train");
    (void)life_->runs.RequestCancel(id, "given up");
    ASSERT_EQ(Execute(id).state, RunState::kCancelled);
    ASSERT_TRUE(std::filesystem::exists(Slot() / "files/epoch"));
  }
};

TEST_F(CheckpointsTest,
       given_a_killed_training_when_it_runs_again_then_it_goes_on_and_leaves_none) {
  const RunId id = Queue(kTraining);
  KillInTheMiddle(id, "train");
  const auto kept = folder_.path() / "kept";
  std::filesystem::copy(Slot(), kept, std::filesystem::copy_options::recursive);
  const failgate::Run run = Execute(id);
  ExpectModel(run, "went on from 3");
  EXPECT_EQ(StepOf(run, "train").attempt, 2);
  EXPECT_EQ(life_->runs.List({}).size(), 1U) << "no second training of the same code and data";
  EXPECT_FALSE(std::filesystem::exists(Slot()));
  ExpectNothingLeft();
  // As if it had been killed between its end and the removal.
  std::filesystem::copy(kept, Slot(), std::filesystem::copy_options::recursive);
  ExpectModel(Execute(QueueAgain(TriggerKind::kManual, "again:1")), "from the start");
}

TEST_F(CheckpointsTest, given_a_training_that_was_given_up_when_asked_for_again_then_it_goes_on) {
  GiveUpInTheMiddle();
  ExpectModel(Execute(QueueAgain(TriggerKind::kManual, "again:1")), "went on from 3");
}

TEST_F(CheckpointsTest, given_other_data_or_code_when_it_trains_then_it_sees_no_old_checkpoints) {
  GiveUpInTheMiddle();
  const std::string before = data_version_;
  data_version_ = "data/train.csv@sha256:11";
  ExpectModel(Execute(QueueAgain(TriggerKind::kManual, "")), "from the start");
  EXPECT_FALSE(std::filesystem::exists(Slot()));
  data_version_ = before;
  ExpectModel(Execute(QueueAgain(TriggerKind::kManual, "again:1")), "from the start");
  GiveUpInTheMiddle();
  const RunId other = Queue(kTraining, {{"code.py", "2"}}, TriggerKind::kManual);
  ExpectModel(Execute(other), "from the start");
}

TEST_F(CheckpointsTest, given_a_check_or_a_repeat_when_it_trains_then_it_keeps_to_itself) {
  const std::string pipeline = R"sh(
triggers: {check: {until: train}}
steps:
  - {name: unit, level: unit, run: 'test -z "${FAILGATE_CHECKPOINTS+set}"'}
  - name: train
    level: train
    repeat: true
    reports: {tests: r.xml}
    run: |
      cp junit.xml r.xml
      test -z "$(ls -A "$FAILGATE_CHECKPOINTS")"
      echo 1 > "$FAILGATE_CHECKPOINTS/epoch"
      if test "$FAILGATE_TRIGGER" = code; then exit 1; fi
)sh";
  const RunId id = Queue(pipeline, {{"junit.xml", kGreenJunit}});
  EXPECT_EQ(Execute(id).state, RunState::kFailed);
  ASSERT_TRUE(std::filesystem::exists(Slot() / "files/epoch")) << "a failed one may be tried again";
  const failgate::Run check = Execute(QueueAgain(TriggerKind::kCheck, ""));
  EXPECT_EQ(check.state, RunState::kSucceeded) << check.reason;
  EXPECT_TRUE(std::filesystem::exists(Slot() / "files/epoch")) << "a check takes nothing away";
}

TEST_F(CheckpointsTest, given_checkpoints_that_may_not_be_kept_when_it_runs_again_then_none_is) {
  settings_.disk_bytes = 8LL << 20;
  Restart();
  const failgate::Run full = Execute(R"sh(
steps:
  - name: train
    level: train
    run: |
      for part in 1 2; do head -c 5242880 /dev/zero | tr '\0' x > "$FAILGATE_CHECKPOINTS/$part"; done
)sh");
  EXPECT_EQ(full.state, RunState::kFailed);
  EXPECT_THAT(full.reason, HasSubstr("disk limit"));
  EXPECT_FALSE(std::filesystem::exists(Slot()));
  const RunId linked = Queue(R"sh(
steps:
  - name: train
    level: train
    run: |
      test -z "$(ls -A "$FAILGATE_CHECKPOINTS")"
      echo 1 > "$FAILGATE_CHECKPOINTS/a"
      ln "$FAILGATE_CHECKPOINTS/a" "$FAILGATE_CHECKPOINTS/b"
      test "$FAILGATE_TRIGGER" = manual
)sh");
  EXPECT_EQ(Execute(linked).state, RunState::kFailed);
  const failgate::Run again = Execute(QueueAgain(TriggerKind::kManual, "again:1"));
  EXPECT_EQ(again.state, RunState::kSucceeded) << again.reason;
}

}  // namespace
}  // namespace failgate
