// What the log says of runs that were overtaken before they began.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/deploylog/log_tree.h"
#include "controller/pipeline/plan_json.h"
#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::SizeIs;

class SupersededRuns : public testing::Test {
 protected:
  RunId Queue(const std::string& letter, RunTrigger trigger, const RunPlan& plan) {
    NewRun run;
    run.project = ProjectName("app");
    run.source = SourceName("app");
    run.ref = "refs/heads/main";
    run.revision = CommitId(std::string(40, letter[0]));
    run.data_version = data_.empty() ? "data/a.csv@md5:" + std::string(32, letter[0]) : data_;
    run.trigger = trigger;
    run.reason = "\"data/a.csv\" is data";
    run.plan_json = PlanToJson(plan);
    const RunId id = world_.Runs().Create(run).id;
    (void)world_.Runs().SupersedeQueued(run.source, run.ref, id);
    return id;
  }
  /// Oldest first.
  std::vector<WrittenFact> Told() {
    const Repository origin = Repository::Open(world_.operations.origin());
    LogFilter filter;
    filter.kind = FactKind::kSuperseded;
    filter.limit = 100;
    std::vector<WrittenFact> facts;
    for (const LogEntry& entry : ReadHistory(origin, *origin.Ref(kDeployLogRef), filter)) {
      facts.insert(facts.begin(), entry.written);
    }
    return facts;
  }

  LadderWorld world_;
  std::string data_;  ///< of the runs to come; empty: a file of git
};

TEST_F(SupersededRuns, OfNewDataSayWhichRunTrainsOnIt) {
  const RunId code = Queue("a", RunTrigger::kCode, {});
  const RunId data = Queue("b", RunTrigger::kData, {});
  RunPlan plan;
  plan.overtaken = OvertakenData{
      data, CommitId(std::string(40, 'b')), "data/a.csv@md5:1", "\"data/a.csv\" is data"};
  const RunId newest = Queue("c", RunTrigger::kData, plan);
  world_.Turn();
  const auto told = Told();
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[0].Value("Run"), code.text());
  EXPECT_EQ(told[0].Value("Reason"), std::nullopt);
  EXPECT_EQ(told[1].Value("Run"), data.text());
  EXPECT_EQ(told[1].Value("Superseded-by"), newest.text());
  EXPECT_EQ(told[1].Value("Data"), "data/a.csv@md5:" + std::string(32, 'b'));
  EXPECT_EQ(told[1].Value("Reason"),
            "run " + newest.text() +
                " trains on the new data of bbbbbbbbbbbb in its place: \"data/a.csv\" is data");
  world_.Turn();
  EXPECT_THAT(Told(), SizeIs(2));
  world_.ExpectProven();
}

TEST_F(SupersededRuns, OfWatchedDataNameTheWatchesAndNoAuthor) {
  RunPlan plan;
  plan.watched = {"clicks", "sales"};
  data_ = "clicks@none; sales@sha256:" + std::string(64, 'a');
  static_cast<void>(Queue("a", RunTrigger::kData, plan));
  static_cast<void>(Queue("b", RunTrigger::kData, plan));
  world_.Turn();
  const auto told = Told();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].Value("Watched"), "clicks, sales");
  EXPECT_EQ(told[0].Value("Authored-by"), "unknown");
  world_.ExpectProven();
}

}  // namespace
}  // namespace failgate
