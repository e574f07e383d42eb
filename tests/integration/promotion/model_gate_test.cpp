// The gate `model` over real branches: what enters the last environment, what waits for another
// comparison, and what an audit and the history of metrics read of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/promotion/comparison_runs.h"
#include "controller/promotion/metric_history.h"
#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class WantedComparisons final : public ComparisonRuns {
 public:
  void Want(const ReleaseRecord& release, const ReleaseName& champion) override {
    const std::string both = release.name.text() + " with " + champion.text();
    if (wanted.empty() || wanted.back() != both) wanted.push_back(both);
  }
  std::vector<std::string> wanted;
};

class JudgedModels : public testing::Test {
 protected:
  JudgedModels() {
    world_.comparisons = &comparisons_;
    world_.Restart();
    world_.EditMain(
        {{"environments/dev/environment.yaml", "policy: deployment\ngates: none\n"},
         {"environments/recette/environment.yaml", "after: dev\npolicy: deployment\ngates: none\n"},
         {"environments/prod/environment.yaml",
          "after: recette\npolicy: deployment\ngates:\n  model: {metric: auc, at_least: 0.8, "
          "not_worse_than: champion, tolerance: 0.005, warn: 0.82}\n"}},
        "Judge models");
  }
  static Proof ProofOf(const std::string& content,
                       const std::map<std::string, double>& metrics,
                       const std::string& champion) {
    Proof proof;
    proof.content = content;
    proof.metrics = metrics;
    proof.champion = champion;
    return proof;
  }
  void Train(const std::string& content,
             const std::map<std::string, double>& metrics,
             const std::string& champion) {
    world_.PassRun(ProofOf(content, metrics, champion));
    world_.Turn();
  }
  [[nodiscard]] std::vector<std::string> History(const std::string& environment) const {
    const auto snapshot = world_.Snapshot();
    const Repository operations = Repository::Open(world_.operations.origin());
    MetricQuery query;
    query.project = ProjectName("app");
    query.environment = EnvironmentName(environment);
    std::vector<std::string> told;
    for (const MetricPoint& point : MetricHistory(*snapshot, operations, query)) {
      told.push_back(point.release.text() + " " + point.metric + " " + std::to_string(point.value) +
                     (point.champion_value ? " over " + point.champion.text() : ""));
    }
    return told;
  }

  WantedComparisons comparisons_;
  LadderWorld world_;
};

TEST_F(JudgedModels, EnterWhenTheyAreNotWorseThanWhatRuns) {
  Train("one", {{"auc", 0.87}}, "");
  EXPECT_EQ(world_.Live("prod"), "one") << world_.Status("prod").text;
  Train("two", {{"auc", 0.85}, {"champion.auc", 0.87}}, "app-1");
  EXPECT_EQ(world_.Live("recette"), "two");
  EXPECT_EQ(world_.Live("prod"), "one") << "the champion stays";
  EXPECT_THAT(world_.Status("prod").text,
              HasSubstr("auc 0.85 is worse than champion app-1 0.87 on the same data (tolerance "
                        "0.005)"));
  EXPECT_TRUE(comparisons_.wanted.empty());

  // Compared with something else than what runs: never a pass, and wanted again.
  Train("three", {{"auc", 0.9}, {"champion.auc", 0.1}}, "");
  EXPECT_EQ(world_.Live("prod"), "one");
  EXPECT_THAT(world_.Status("prod").text, HasSubstr("auc 0.9 was compared with no champion"));
  EXPECT_THAT(comparisons_.wanted, ElementsAre("app-3 with app-1"));
  world_.PassHeadAgain(ProofOf("three", {{"auc", 0.9}, {"champion.auc", 0.87}}, "app-1"));
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "three") << world_.Status("prod").text;
  EXPECT_EQ(world_.Status("prod").running.text(), "app-4") << "a release of its own";

  EXPECT_THAT(History("prod"), ElementsAre("app-4 auc 0.900000 over app-1", "app-1 auc 0.870000"));
  EXPECT_EQ(History("").size(), 4U);
  const AuditReport report = world_.Audit();
  EXPECT_TRUE(report.ok()) << (report.problems.empty() ? "" : report.problems[0].text);
}

TEST_F(JudgedModels, InTheWarningZoneWaitForAPersonWhereNoApprovalsAreAsked) {
  Train("one", {{"auc", 0.81}}, "");
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_THAT(world_.Why("prod").next, ElementsAre("failgate approve app-1 prod"));
  EXPECT_THAT(world_.Ask("approve", "prod", "app-1", "carol@example.com"), HasSubstr("accepted"));
  EXPECT_EQ(world_.Live("prod"), "one") << world_.Status("prod").text;
  EXPECT_THAT(world_.Ask("approve", "recette", "app-1", "carol@example.com"),
              HasSubstr("no_approvals"));
  const AuditReport report = world_.Audit();
  EXPECT_TRUE(report.ok()) << (report.problems.empty() ? "" : report.problems[0].text);
}

}  // namespace
}  // namespace failgate
