// New data whose run did not begin before the next push: it is trained on in full, once, with the
// newest code.
#include "controller/pipeline/plan_json.h"
#include "tests/integration/sync/sync_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class OvertakenDataTest : public SyncWorld {
 protected:
  /// The code is known and has run; then data is pushed, whose run waits.
  OvertakenDataTest() {
    Push({{"failgate.yaml", kPipeline}});
    Look();
    (void)life_->runs.Finish(Runs()[0].id, RunState::kSucceeded, "", "", ReleaseState::kNone);
    data_head_ = Push({{"data/a.csv", "1\n"}});
    Look();
    data_run_ = Runs()[0];
    EXPECT_EQ(data_run_.trigger, RunTrigger::kData);
  }
  CommitId PushCode(const std::string& text) {
    CommitId head = Push({{"code.py", text}});
    Look();
    return head;
  }
  /// The newest run trains in full in place of the data push's.
  void ExpectItTakesOver(const CommitId& head) {
    const failgate::Run run = Runs()[0];
    EXPECT_EQ(run.revision, head);
    EXPECT_EQ(run.state, RunState::kQueued);
    EXPECT_EQ(run.trigger, RunTrigger::kData);
    EXPECT_EQ(run.training, "full");
    EXPECT_EQ(run.data_version, data_run_.data_version);
    const auto plan = ParsePlan(run.plan_json);
    ASSERT_TRUE(plan && plan->overtaken);
    EXPECT_EQ(plan->overtaken->run, data_run_.id);
    EXPECT_EQ(plan->overtaken->revision, data_head_);
    EXPECT_EQ(plan->overtaken->data, data_run_.data_version);
    EXPECT_THAT(run.reason, HasSubstr(data_run_.id.text()));
  }

  CommitId data_head_;
  failgate::Run data_run_;
};

TEST_F(OvertakenDataTest, given_pushes_of_code_when_the_data_run_waits_then_the_newest_takes_over) {
  PushCode("1");
  EXPECT_EQ(life_->runs.Get(data_run_.id)->superseded_by, Runs()[0].id);
  Restart();
  const CommitId newest = PushCode("2");
  ExpectItTakesOver(newest);
  EXPECT_THAT(Runs()[0].reason, HasSubstr("\"data/a.csv\" is data"));
  EXPECT_EQ(Runs()[1].superseded_by, Runs()[0].id);
  ASSERT_TRUE(life_->runs.Start(Runs()[0].id));
  PushCode("3");
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kCode) << "the training of the data has begun";
  EXPECT_EQ(Runs()[0].training, "degraded");
}

TEST_F(OvertakenDataTest, given_a_crash_before_the_head_was_stored_when_seen_again_then_one_run) {
  const CommitId head = PushCode("1");
  ExpectItTakesOver(head);
  const std::size_t runs = Runs().size();
  life_->heads.Set(SourceName("churn"), "refs/heads/main", data_head_);
  ASSERT_TRUE(life_->runs.Start(Runs()[0].id)) << "workers may be quicker than the next look";
  Restart();
  Look();
  EXPECT_THAT(Runs(), SizeIs(runs));
}

TEST_F(OvertakenDataTest, given_a_pipeline_that_is_refused_when_it_is_cured_then_it_takes_over) {
  Push({{"failgate.yaml", "project: churn\nstepps: []\n"}});
  Look();
  EXPECT_EQ(Runs()[0].state, RunState::kRefused);
  EXPECT_EQ(life_->runs.Get(data_run_.id)->state, RunState::kSuperseded);
  const CommitId cured = Push({{"failgate.yaml", kPipeline}});
  Look();
  ExpectItTakesOver(cured);
}

TEST_F(OvertakenDataTest, given_docs_tags_and_manual_runs_when_they_come_then_the_data_run_stays) {
  Push({{"docs/page.md", "x"}});
  git_.git().Run(git_.clone(), {"tag", "v1"});
  git_.git().Run(git_.clone(), {"push", "-q", "origin", "v1"});
  Look();
  EXPECT_THAT(Runs(), SizeIs(2));
  RunRequest request;
  request.project = ProjectName("churn");
  request.again = true;
  const Result<RunId> manual = life_->syncer.RequestRun(request);
  ASSERT_TRUE(manual.has_value());
  EXPECT_EQ(life_->runs.Get(data_run_.id)->state, RunState::kQueued);
  ExpectItTakesOver(PushCode("1"));
  EXPECT_EQ(life_->runs.Get(*manual)->state, RunState::kQueued);
}

TEST_F(OvertakenDataTest,
       given_a_data_run_that_a_person_cancelled_when_code_comes_then_it_is_code) {
  (void)life_->runs.RequestCancel(data_run_.id, "not this data");
  PushCode("1");
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kCode);
  EXPECT_EQ(Runs()[0].training, "degraded");
}

TEST_F(OvertakenDataTest, given_a_run_of_a_branch_moved_back_when_it_waits_then_it_is_overtaken) {
  PushCode("1");
  git_.git().Run(git_.clone(), {"push", "-q", "-f", "origin", data_head_.text() + ":main"});
  Look();
  const RunId back = Runs()[0].id;
  EXPECT_EQ(Runs()[0].revision, data_head_);
  const CommitId newest = PushCode("2");
  EXPECT_EQ(Runs()[0].revision, newest);
  EXPECT_EQ(life_->runs.Get(back)->superseded_by, Runs()[0].id) << "one run is left";
}

}  // namespace
}  // namespace failgate
