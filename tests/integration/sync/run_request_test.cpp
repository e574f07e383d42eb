// `failgate sync` and `failgate run`.
#include "tests/integration/sync/sync_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class RunRequestTest : public SyncWorld {
 protected:
  static RunRequest Ask(const std::string& revision = "") {
    RunRequest request;
    request.project = ProjectName("churn");
    request.revision = revision;
    request.requested_by = {"Alice Martin", "alice@example.com"};
    return request;
  }
  std::string RefusalOf(const RunRequest& request) {
    const Result<RunId> answer = life_->syncer.RequestRun(request);
    return answer ? "" : answer.error().code;
  }
};

TEST_F(RunRequestTest, given_a_person_when_they_ask_for_a_sync_then_it_is_looked_at_now) {
  EXPECT_EQ(life_->syncer.SyncNow(SourceName("none")).error().code, "unknown_source");
  Look();
  Push({{"failgate.yaml", kPipeline}});
  life_->syncer.Step();
  EXPECT_THAT(Runs(), SizeIs(0)) << "no poll is due";
  EXPECT_TRUE(life_->syncer.SyncNow(SourceName("churn")).has_value());
  life_->syncer.Step();
  EXPECT_THAT(Runs(), SizeIs(1));
}

TEST_F(RunRequestTest, given_a_code_branch_when_a_run_is_asked_for_then_it_is_manual_and_unique) {
  const CommitId head = Push({{"failgate.yaml", kPipeline}});
  Look();
  const Result<RunId> first = life_->syncer.RequestRun(Ask());
  ASSERT_TRUE(first.has_value()) << first.error().text;
  const failgate::Run run = *life_->runs.Get(*first);
  EXPECT_EQ(run.trigger, RunTrigger::kManual);
  EXPECT_EQ(run.training, "full");
  EXPECT_EQ(run.revision, head);
  EXPECT_EQ(run.requested_by, "Alice Martin <alice@example.com>");
  EXPECT_EQ(*life_->syncer.RequestRun(Ask(head.text())), *first);
  RunRequest again = Ask();
  again.again = true;
  EXPECT_NE(*life_->syncer.RequestRun(again), *first);
}

TEST_F(RunRequestTest, given_a_training_mode_when_it_is_asked_for_then_it_wins) {
  Push({{"failgate.yaml", kPipeline}});
  Look();
  RunRequest request = Ask();
  request.training = TrainingMode::kDegraded;
  EXPECT_EQ(life_->runs.Get(*life_->syncer.RequestRun(request))->training, "degraded");
  request.training = TrainingMode::kFull;
  EXPECT_EQ(life_->runs.Get(*life_->syncer.RequestRun(request))->training, "full");
}

TEST_F(RunRequestTest, given_another_branch_when_a_run_is_asked_for_then_it_is_only_a_check) {
  Push({{"failgate.yaml", kPipeline}});
  const CommitId feature = Push({{"code.py", "1"}}, "feature");
  Look();
  EXPECT_EQ(life_->runs.Get(*life_->syncer.RequestRun(Ask("feature")))->trigger,
            RunTrigger::kCheck);
  EXPECT_EQ(life_->runs.Get(*life_->syncer.RequestRun(Ask(feature.text())))->trigger,
            RunTrigger::kCheck);
}

TEST_F(RunRequestTest, given_the_first_digits_of_a_commit_when_a_run_is_asked_for_then_they_do) {
  const CommitId head = Push({{"failgate.yaml", kPipeline}});
  Look();
  const Result<RunId> run = life_->syncer.RequestRun(Ask(head.text().substr(0, 7)));
  ASSERT_TRUE(run.has_value()) << run.error().text;
  EXPECT_EQ(life_->runs.Get(*run)->revision, head);
  EXPECT_EQ(RefusalOf(Ask(head.text().substr(0, 6))), "unknown_revision");
  EXPECT_EQ(RefusalOf(Ask(head.text() + "0")), "unknown_revision");
}

TEST_F(RunRequestTest, given_what_cannot_run_when_it_is_asked_for_then_the_refusal_says_why) {
  EXPECT_EQ(RefusalOf(Ask()), "source_not_read");
  Push({{"failgate.yaml", kPipeline}});
  Look();
  RunRequest foreign = Ask();
  foreign.project = ProjectName("bank");
  EXPECT_EQ(RefusalOf(foreign), "unknown_project");
  EXPECT_EQ(RefusalOf(Ask("nowhere")), "unknown_revision");
  EXPECT_EQ(RefusalOf(Ask(std::string(40, 'a'))), "unknown_revision");
  const CommitId broken = Push({{"failgate.yaml", "nonsense: ["}});
  Look();
  EXPECT_EQ(RefusalOf(Ask(broken.text())), "invalid_pipeline");
  git_.git().Run(git_.clone(), {"rm", "-q", "failgate.yaml"});
  const CommitId absent = Push({{"code.py", "1"}});
  Look();
  EXPECT_EQ(RefusalOf(Ask(absent.text())), "no_pipeline");
  const CommitId other =
      Push({{"failgate.yaml", "project: bank\nsteps:\n  - {name: a, level: unit, run: x}\n"}});
  Look();
  EXPECT_EQ(RefusalOf(Ask(other.text())), "wrong_project");
  const CommitId elsewhere = Push({{"failgate.yaml",
                                    "project: churn\ntriggers: {code: {branches: "
                                    "[trunk]}}\nsteps:\n  - {name: a, level: unit, run: x}\n"}});
  Look();
  EXPECT_EQ(RefusalOf(Ask()), "no_code_branch");
}

TEST_F(RunRequestTest, given_an_unreachable_commit_when_it_is_asked_for_then_it_is_refused) {
  Push({{"failgate.yaml", kPipeline}});
  const CommitId gone = Push({{"code.py", "1"}});
  Look();
  git_.git().Run(git_.clone(), {"push", "-q", "-f", "origin", "HEAD~1:refs/heads/main"});
  Look();
  EXPECT_EQ(RefusalOf(Ask(gone.text())), "unknown_revision");
}

}  // namespace
}  // namespace failgate
