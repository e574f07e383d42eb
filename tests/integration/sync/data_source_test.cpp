// Pushes to sources of kind data, and what DVC files say in a data version.
#include "controller/data/data_parts.h"
#include "tests/integration/sync/sync_world.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class DataSourceSync : public SyncWorld {
 protected:
  DataSourceSync() : sales_(Made(folder_.path() / "git"), "sales") {
    SourceSettings sales = Source("sales", "file://" + sales_.origin().string());
    sales.kind = SourceKind::kData;
    sales.projects = {ProjectName("churn")};
    sources_.push_back(sales);
    Restart();
  }
  CommitId PushSales(const std::string& rows, const std::string& branch = "main") {
    if (branch != "main") sales_.git().Run(sales_.clone(), {"checkout", "-q", "-b", branch});
    const CommitId id(sales_.Commit({{"rows.csv", rows}}, "rows"));
    sales_.Push(branch);
    return id;
  }
  static CommitId SalesOf(const failgate::Run& run) {
    const auto sources = DataSourcesOf(run.data_version);
    const auto found = sources.find(SourceName("sales"));
    return found == sources.end() ? CommitId() : found->second;
  }

  GitWorld sales_;
};

TEST_F(DataSourceSync, PushesMakeADataRunOfTheNewestCode) {
  const CommitId first_rows = PushSales("1\n");
  Look();
  const CommitId code = Push({{"failgate.yaml", kPipeline}, {"data/a.csv", "a\n"}});
  Look();
  ASSERT_THAT(Runs(), SizeIs(1));
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kCode);
  EXPECT_EQ(SalesOf(Runs()[0]), first_rows);
  EXPECT_THAT(Runs()[0].data_version, HasSubstr("data/a.csv@sha256:"));

  const CommitId rows = PushSales("1\n2\n");
  const std::string delivery = Deliver("d1", {}, "sales");
  Look();
  ASSERT_THAT(Runs(), SizeIs(2));
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kData);
  EXPECT_EQ(Runs()[0].source, SourceName("churn"));
  EXPECT_EQ(Runs()[0].revision, code);
  EXPECT_EQ(Runs()[0].training, "full");
  EXPECT_EQ(SalesOf(Runs()[0]), rows);
  EXPECT_EQ(OutcomeOf(delivery)["runs"][0], Runs()[0].id.text());
  Look();
  EXPECT_THAT(Runs(), SizeIs(2));
}

TEST_F(DataSourceSync, OtherBranchesAndIgnoredCodeMakeNone) {
  PushSales("1\n");
  Look();
  Push({{"failgate.yaml", kPipeline}});
  Look();
  PushSales("2\n", "draft");
  Push({{"docs/a.md", "x\n"}});
  Look();
  Look();
  EXPECT_THAT(Runs(), SizeIs(1));
}

TEST_F(DataSourceSync, CodeThatOvertakesTheirRunTrainsOnThem) {
  PushSales("1\n");
  Look();
  Push({{"failgate.yaml", kPipeline}});
  Look();
  const CommitId rows = PushSales("1\n2\n");
  Look();
  const RunId of_rows = Runs()[0].id;
  const CommitId code = Push({{"code.py", "1"}});
  Look();
  ASSERT_THAT(Runs(), SizeIs(3));
  EXPECT_EQ(Runs()[0].revision, code);
  EXPECT_EQ(SalesOf(Runs()[0]), rows);
  EXPECT_EQ(Runs()[0].training, "full");
  EXPECT_EQ(life_->runs.Get(of_rows)->superseded_by, Runs()[0].id);
}

TEST_F(DataSourceSync, WhatACrashLeftUndoneIsMadeUpFor) {
  PushSales("1\n");
  Look();
  Push({{"failgate.yaml", kPipeline}});
  Look();
  const CommitId rows = PushSales("2\n");
  // As if the program had died behind the head and before the run.
  life_->heads.Set(SourceName("sales"), "refs/heads/main", rows);
  Restart();
  Look();
  ASSERT_THAT(Runs(), SizeIs(2));
  EXPECT_EQ(SalesOf(Runs()[0]), rows);
}

TEST_F(DataSourceSync, ASourceThatIsNotBoundIsRefused) {
  Push({{"failgate.yaml",
         "project: churn\ntriggers: {data: {sources: [{name: labels}]}}\n"
         "steps: [{name: unit, level: unit, run: 'true'}]\n"}});
  Look();
  ASSERT_THAT(Runs(), SizeIs(1));
  EXPECT_EQ(Runs()[0].state, RunState::kRefused);
  EXPECT_THAT(Runs()[0].reason, HasSubstr("no source of kind data of that name"));
}

TEST_F(DataSourceSync, DvcFilesStandForWhatTheyName) {
  const std::string md5 = "d41d8cd98f00b204e9800998ecf8427e";
  Push({{"failgate.yaml", kPipeline},
        {"data/a.csv.dvc", "outs:\n- {md5: " + md5 + ", hash: md5, path: a.csv}\n"}});
  Look();
  EXPECT_EQ(Runs()[0].data_version, "data/a.csv@md5:" + md5);
  Push({{"data/a.csv.dvc", "outs:\n- {path: a.csv}\n"}});
  Look();
  EXPECT_EQ(Runs()[0].state, RunState::kRefused);
  EXPECT_THAT(Runs()[0].reason, HasSubstr("data/a.csv.dvc:2:"));
}

}  // namespace
}  // namespace failgate
