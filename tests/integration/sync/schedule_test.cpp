// Times of a schedule become runs, once each, also across restarts.
#include "tests/integration/sync/sync_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kScheduled =
    "project: churn\n"
    "triggers:\n"
    "  schedule: [{cron: \"0 3 * * *\", timezone: Europe/Paris}, {cron: \"30 3 * * *\"}]\n"
    "steps:\n"
    "  - {name: train, level: train, run: \"true\", training: {code: degraded}}\n";

class ScheduleTest : public SyncWorld {
 protected:
  /// The head is known and its code run over.
  ScheduleTest() {
    clock_.SetWall(*ParseTime("2026-01-02T12:00:00Z"));
    head_ = Push({{"failgate.yaml", kScheduled}});
    Look();
    (void)life_->runs.Finish(Runs()[0].id, RunState::kFailed, "", "", ReleaseState::kNone);
  }
  void At(const std::string& time) {
    clock_.SetWall(*ParseTime(time));
    life_->syncer.Step();
  }
  CommitId head_;
};

TEST_F(ScheduleTest, given_a_schedule_when_its_time_comes_then_the_head_is_trained_once) {
  At("2026-01-03T01:59:00Z");
  EXPECT_THAT(Runs(), SizeIs(1));
  At("2026-01-03T02:00:00Z");
  life_->syncer.Step();
  ASSERT_THAT(Runs(), SizeIs(2));
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kSchedule);
  EXPECT_EQ(Runs()[0].training, "full");
  EXPECT_EQ(Runs()[0].revision, head_);
  EXPECT_THAT(Runs()[0].reason,
              HasSubstr("\"0 3 * * *\" (Europe/Paris) was due at 2026-01-03T02:00"));
  At("2026-01-03T03:30:00Z");
  ASSERT_THAT(Runs(), SizeIs(3)) << "the same revision is trained anew at each time";
  EXPECT_EQ(Runs()[1].superseded_by, Runs()[0].id) << "the one that still waited";
}

TEST_F(ScheduleTest, given_times_missed_while_down_when_it_starts_again_then_one_run_makes_up) {
  life_.reset();
  clock_.SetWall(*ParseTime("2026-01-09T02:10:00Z"));
  Restart();
  Look();
  ASSERT_THAT(Runs(), SizeIs(2));
  EXPECT_THAT(Runs()[0].reason, HasSubstr("was due at 2026-01-09T02:00:00Z"));
  Restart();
  Look();
  EXPECT_THAT(Runs(), SizeIs(2));
}

TEST_F(ScheduleTest, given_a_crash_before_the_time_was_noted_then_the_run_is_not_made_twice) {
  At("2026-01-03T02:00:00Z");
  ASSERT_THAT(Runs(), SizeIs(2));
  life_->schedules.SetSeen(ProjectName("churn"),
                           {{"0 3 * * *", "Europe/Paris"}, {"30 3 * * *", "UTC"}},
                           *ParseTime("2026-01-03T01:00:00Z"));
  Restart();
  Look();
  EXPECT_THAT(Runs(), SizeIs(2));
}

TEST_F(ScheduleTest, given_a_scheduled_run_that_waits_when_code_is_pushed_then_it_still_trains) {
  At("2026-01-03T02:00:00Z");
  Push({{"code.py", "1"}});
  Look();
  ASSERT_THAT(Runs(), SizeIs(3));
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kCode);
  EXPECT_EQ(Runs()[1].state, RunState::kQueued);
}

TEST_F(ScheduleTest, given_a_schedule_that_is_taken_out_when_its_time_comes_then_nothing_runs) {
  Push({{"failgate.yaml", kPipeline}});
  Look();
  const std::size_t before = Runs().size();
  At("2026-01-03T02:00:00Z");
  Look();
  EXPECT_THAT(Runs(), SizeIs(before));
  Push({{"failgate.yaml", kScheduled}});
  At("2026-01-03T12:00:00Z");
  Look();
  EXPECT_THAT(Runs(), SizeIs(before + 1)) << "the code run: no time before it was back counts";
}

}  // namespace
}  // namespace failgate
