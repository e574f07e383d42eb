// From a push to a queued run.
#include "controller/base/digest.h"
#include "tests/integration/sync/sync_world.h"

namespace failgate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using PushTest = SyncWorld;

TEST_F(PushTest, given_a_first_head_when_it_is_seen_then_one_code_run_is_queued_and_only_once) {
  const CommitId head = Push({{"failgate.yaml", kPipeline}, {"data/a.csv", "1\n"}});
  Look();
  Look();
  ASSERT_THAT(Runs(), SizeIs(1));
  const failgate::Run run = Runs()[0];
  EXPECT_EQ(run.state, RunState::kQueued);
  EXPECT_EQ(run.trigger, RunTrigger::kCode);
  EXPECT_EQ(run.training, "degraded");
  EXPECT_EQ(run.revision, head);
  EXPECT_EQ(run.data_version, "data/a.csv@sha256:" + Sha256Hex("1\n"));
  EXPECT_THAT(life_->steps.Of(run.id), SizeIs(2));
  EXPECT_EQ(StatusOf("churn").heads, 1U);
}

TEST_F(PushTest, given_pushes_of_code_data_and_docs_when_they_are_seen_then_each_is_what_it_is) {
  Push({{"failgate.yaml", kPipeline}});
  Look();
  Push({{"data/a.csv", "1\n"}, {"code.py", "1"}});
  Look();
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kData);
  EXPECT_EQ(Runs()[0].training, "full");
  EXPECT_EQ(Runs()[1].state, RunState::kSuperseded) << "the newer push replaces the queued one";
  EXPECT_EQ(Runs()[1].superseded_by, Runs()[0].id);
  Push({{"code.py", "2"}});
  Look();
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kData) << "the data it overtakes was not trained on";
  EXPECT_EQ(Runs()[0].training, "full");
  const CommitId docs = Push({{"docs/page.md", "x"}});
  const std::string delivery = Deliver("d1", {{"refs/heads/main", false}});
  life_->syncer.Step();
  EXPECT_THAT(Runs(), SizeIs(3));
  EXPECT_THAT(OutcomeOf(delivery)["ignored_because"], HasSubstr("ignore"));
  EXPECT_EQ(life_->heads.Get(SourceName("churn"), "refs/heads/main"), docs);
}

TEST_F(PushTest, given_other_branches_when_they_are_pushed_then_they_are_checked_until_the_level) {
  Push({{"failgate.yaml", kPipeline}});
  Look();
  Push({{"code.py", "1"}}, "feature/x");
  Look();
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kCheck);
  EXPECT_EQ(Runs()[0].ref, "refs/heads/feature/x");
  EXPECT_THAT(life_->steps.Of(Runs()[0].id), SizeIs(1));
  git_.git().Run(git_.clone(), {"push", "-q", "origin", ":refs/heads/feature/x"});
  Look();
  EXPECT_EQ(life_->heads.Get(SourceName("churn"), "refs/heads/feature/x"), std::nullopt);
}

TEST_F(PushTest, given_a_rewritten_branch_when_it_is_seen_then_it_may_be_data) {
  Push({{"failgate.yaml", kPipeline}});
  const CommitId first(git_.git().Run(git_.clone(), {"rev-parse", "HEAD"}));
  Push({{"code.py", "1"}});
  Look();
  git_.git().Run(git_.clone(), {"reset", "-q", "--hard", first.text()});
  git_.Commit({{"code.py", "2"}}, "other");
  git_.git().Run(git_.clone(), {"push", "-q", "-f", "origin", "HEAD:refs/heads/main"});
  Look();
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kData);
}

TEST_F(PushTest,
       given_a_branch_moved_away_and_back_when_its_run_was_superseded_then_it_runs_again) {
  const CommitId first = Push({{"failgate.yaml", kPipeline}});
  Look();
  Push({{"code.py", "1"}});
  Look();
  git_.git().Run(git_.clone(), {"push", "-q", "-f", "origin", first.text() + ":refs/heads/main"});
  Look();
  EXPECT_EQ(Runs()[0].revision, first);
  EXPECT_EQ(Runs()[0].state, RunState::kQueued);
}

TEST_F(PushTest,
       given_a_pipeline_that_cannot_be_read_when_it_is_seen_then_a_refused_run_says_where) {
  Push({{"failgate.yaml", "project: churn\nstepps: []\n"}});
  Look();
  ASSERT_THAT(Runs(), SizeIs(1));
  EXPECT_EQ(Runs()[0].state, RunState::kRefused);
  EXPECT_THAT(Runs()[0].reason, HasSubstr("failgate.yaml:2:1: "));
  Push({{"failgate.yaml", std::string("\xff\x00\x01garbage", 10)}});
  Look();
  EXPECT_EQ(Runs()[0].state, RunState::kRefused);
  Push({{"failgate.yaml", std::string(std::size_t{9} << 20U, 'x')}});
  Look();
  EXPECT_EQ(Runs()[0].state, RunState::kRefused);
  EXPECT_THAT(Runs(), SizeIs(3));
  EXPECT_EQ(StatusOf("churn").failures, 0);
}

TEST_F(PushTest, given_a_project_of_somebody_else_when_it_is_seen_then_the_run_is_refused) {
  Push({{"failgate.yaml", "project: bank\nsteps:\n  - {name: a, level: unit, run: x}\n"}});
  Look();
  ASSERT_THAT(Runs(), SizeIs(1));
  EXPECT_EQ(Runs()[0].state, RunState::kRefused);
  EXPECT_THAT(Runs()[0].reason, HasSubstr("project \"bank\" may not be released by source churn"));
}

TEST_F(PushTest, given_no_pipeline_when_it_is_seen_then_nothing_runs_and_the_head_is_known) {
  const CommitId head = Push({{"code.py", "1"}});
  Look();
  EXPECT_THAT(Runs(), IsEmpty());
  EXPECT_EQ(life_->heads.Get(SourceName("churn"), "refs/heads/main"), head);
}

TEST_F(PushTest, given_a_delivery_when_it_is_handled_then_it_names_its_event_and_runs) {
  Push({{"failgate.yaml", kPipeline}});
  const std::string first = Deliver("d1", {{"refs/heads/main", false}});
  const std::string second = Deliver("d2", {{"refs/heads/main", false}});
  life_->syncer.Collect();
  EXPECT_THAT(life_->events.Queued(), SizeIs(2)) << "the branch, and the first poll";
  life_->syncer.Step();
  ASSERT_THAT(Runs(), SizeIs(1));
  EXPECT_EQ(OutcomeOf(first)["runs"], nlohmann::json::array({Runs()[0].id.text()}));
  EXPECT_EQ(OutcomeOf(second)["runs"], OutcomeOf(first)["runs"]);
  EXPECT_NE(OutcomeOf(first)["event"], "");
  EXPECT_THAT(Runs()[0].deliveries, ElementsAre(first, second));
  EXPECT_THAT(life_->events.Queued(), IsEmpty());
}

TEST_F(PushTest, given_a_flood_of_deliveries_when_it_is_looked_at_then_one_look_answers_them_all) {
  Push({{"failgate.yaml", kPipeline}});
  Push({{"code.py", "1"}}, "feature/x");
  std::vector<std::string> main;
  std::vector<std::string> other;
  for (int i = 0; i < 300; ++i) {
    main.push_back(Deliver("m" + std::to_string(i), {{"refs/heads/main", false}}));
    other.push_back(Deliver("x" + std::to_string(i), {{"refs/heads/feature/x", false}}));
  }
  life_->syncer.Collect();
  EXPECT_THAT(life_->events.Queued(), SizeIs(3)) << "two branches, and the first poll";
  life_->syncer.Step();
  ASSERT_THAT(Runs(), SizeIs(2));
  for (std::size_t i = 0; i < main.size(); ++i) {
    EXPECT_EQ(OutcomeOf(main[i]), OutcomeOf(main[0]));
    EXPECT_EQ(OutcomeOf(other[i]), OutcomeOf(other[0]));
  }
  EXPECT_NE(OutcomeOf(main[0])["runs"], OutcomeOf(other[0])["runs"]);
  EXPECT_NE(OutcomeOf(main[0])["event"], OutcomeOf(other[0])["event"]);
  const failgate::Run run = Runs()[0];
  EXPECT_THAT(run.deliveries, SizeIs(100)) << "a run names the newest only";
}

TEST_F(PushTest,
       given_deliveries_without_id_and_equal_bodies_when_they_arrive_then_both_are_handled) {
  Push({{"failgate.yaml", kPipeline}});
  const std::string first = Deliver("", {{"refs/heads/main", false}});
  life_->syncer.Step();
  const std::string second = Deliver("", {{"refs/heads/main", false}});
  EXPECT_NE(first, second);
  life_->syncer.Step();
  EXPECT_EQ(OutcomeOf(second)["runs"], OutcomeOf(first)["runs"]);
}

TEST_F(PushTest,
       given_a_delivery_of_a_ref_that_is_not_there_when_it_is_handled_then_it_is_ignored) {
  Push({{"failgate.yaml", kPipeline}});
  const std::string delivery = Deliver("d1", {{"refs/heads/none", false}});
  const std::string foreign = Deliver("d2", {{"refs/heads/main", false}}, "gone");
  life_->syncer.Step();
  EXPECT_THAT(OutcomeOf(delivery)["ignored_because"], HasSubstr("no branch of the remote"));
  EXPECT_THAT(OutcomeOf(foreign)["ignored_because"], HasSubstr("no such source"));
  EXPECT_THAT(Runs(), SizeIs(1)) << "main is looked at all the same";
}

TEST_F(PushTest, given_an_operations_delivery_when_it_is_taken_then_its_owner_is_woken) {
  bool woken = false;
  life_->syncer.OnOperationsDelivery([&woken] { woken = true; });
  const std::string delivery = Deliver("d1", {{"refs/heads/main", false}}, "operations");
  life_->syncer.Step();
  EXPECT_TRUE(woken);
  EXPECT_FALSE(OutcomeOf(delivery).contains("ignored_because"));
}

TEST_F(PushTest, given_many_old_branches_when_the_source_is_new_then_only_main_runs) {
  Push({{"failgate.yaml", kPipeline}});
  for (int i = 0; i < 25; ++i) {
    git_.Push("old-" + std::to_string(i));
  }
  Look();
  EXPECT_THAT(Runs(), SizeIs(1));
  EXPECT_EQ(Runs()[0].ref, "refs/heads/main");
}

TEST_F(PushTest,
       given_a_crash_before_the_head_was_stored_when_it_is_seen_again_then_there_is_one_run) {
  Push({{"failgate.yaml", kPipeline}});
  Look();
  life_->heads.Delete(SourceName("churn"), "refs/heads/main");
  Restart();
  Look();
  EXPECT_THAT(Runs(), SizeIs(1));
}

}  // namespace
}  // namespace failgate
