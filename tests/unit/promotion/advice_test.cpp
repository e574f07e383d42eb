// Habits in the log, and what they are worth saying.
#include "controller/promotion/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/git_blob.h"

namespace failgate {
namespace {

using testing::HasSubstr;

const TimePoint kNine = *ParseTime("2026-11-30T09:00:00Z");

OperationsView View(const std::string& prod) {
  const std::string project =
      "deploy:\n  - name: app\n    directory: {path: /srv/app, artifacts: [app]}\n";
  const std::string other =
      "deploy:\n  - name: app\n    directory: {path: /srv/prod, artifacts: [app]}\n";
  const std::string recette = "policy: deployment\ngates: none\n";
  std::vector<OperationsFile> files;
  for (const auto& file : std::vector<std::pair<std::string, std::string>>{
           {"environments/prod/app.yaml", other},
           {"environments/prod/environment.yaml", prod},
           {"environments/recette/app.yaml", project},
           {"environments/recette/environment.yaml", recette}}) {
    files.push_back({file.first, GitBlobId(file.second), file.second});
  }
  OperationsView view = ReadOperations(files);
  EXPECT_TRUE(view.problems.empty()) << Describe(view.problems);
  return view;
}

const std::string kDelivery = "after: recette\npolicy: delivery\ngates: none\n";
const std::string kApprovals =
    "after: recette\npolicy: deployment\ngates:\n"
    "  approvals: {count: 1, from: [alice@example.com]}\n";

const std::string kMeasured =
    "after: recette\npolicy: delivery\ngates:\n"
    "  tests: {levels: [unit]}\n  coverage: {lines: 80}\n"
    "  soak: {in: recette, for: 1h}\n  window: {timezone: UTC, allow: [\"*\"]}\n";

/// A log, written in order; advice reads it newest first.
class AdviceLog {
 public:
  AdviceLog& Add(FactKind kind,
                 const std::string& environment,
                 const std::string& release,
                 Milliseconds at,
                 std::vector<Trailer> trailers = {}) {
    LogEntry entry;
    entry.written.fact.kind = kind;
    entry.written.fact.environment = EnvironmentName(environment);
    entry.written.fact.project = ProjectName("app");
    entry.written.fact.release = ReleaseName(release);
    entry.written.fact.at = kNine + at;
    entry.written.fact.trailers = std::move(trailers);
    entries_.insert(entries_.begin(), std::move(entry));
    return *this;
  }
  /// Runs in recette at once, is promoted by a person after `wait`, and ends as `end`.
  void PromoteByHand(int number, Milliseconds wait, FactKind end = FactKind::kDeployed) {
    const std::string release = "app-" + std::to_string(number);
    const Milliseconds begin = std::chrono::hours(24) * number;
    const Trailer attempt{"Attempt", std::to_string(number)};
    Add(FactKind::kReleased, "", release, begin - std::chrono::hours(1));
    Add(FactKind::kDeployed, "recette", release, begin);
    Add(FactKind::kPromoted, "prod", release, begin + wait, {attempt, {"Via", "api"}});
    Add(end, "prod", release, begin + wait, {attempt});
  }
  [[nodiscard]] std::vector<Advice> Advise(const std::string& prod) const {
    return AdviceOf(entries_, View(prod));
  }

 private:
  std::vector<LogEntry> entries_;
};

TEST(Advice, IsToDeployByItselfWhereEveryPromotionByHandWasGreen) {
  AdviceLog log;
  for (int number = 1; number <= 5; ++number) {
    log.PromoteByHand(number, std::chrono::hours(number));
  }
  const auto advice = log.Advise(kDelivery);
  ASSERT_EQ(advice.size(), 1U);
  EXPECT_EQ(advice[0].kind, "deployment");
  EXPECT_EQ(advice[0].environment.text(), "prod");
  EXPECT_EQ(advice[0].text,
            "5 promotions by hand, all green, median wait 3 h: use policy deployment");
  EXPECT_EQ(advice[0].count, 5);
  EXPECT_EQ(advice[0].median, Milliseconds(std::chrono::hours(3)));
}

TEST(Advice, IsNotToDeployByItselfAfterAFailureOrAWayBackOrFourTimes) {
  for (const FactKind end : {FactKind::kFailed, FactKind::kRolledBack}) {
    AdviceLog log;
    for (int number = 1; number <= 9; ++number) {
      log.PromoteByHand(number, std::chrono::hours(1), number == 4 ? end : FactKind::kDeployed);
    }
    EXPECT_TRUE(log.Advise(kDelivery).empty());
  }
  AdviceLog few;
  for (int number = 1; number <= 4; ++number) few.PromoteByHand(number, std::chrono::hours(1));
  EXPECT_TRUE(few.Advise(kDelivery).empty());
}

TEST(Advice, LeavesAutomaticPromotionsAndDeploymentAlone) {
  AdviceLog log;
  for (int number = 1; number <= 9; ++number) log.PromoteByHand(number, std::chrono::hours(1));
  EXPECT_TRUE(log.Advise("after: recette\npolicy: deployment\ngates: none\n").empty());
  AdviceLog automatic;
  for (int number = 1; number <= 9; ++number) {
    const Trailer attempt{"Attempt", std::to_string(number)};
    const std::string release = "app-" + std::to_string(number);
    automatic.Add(
        FactKind::kPromoted, "prod", release, Milliseconds(0), {attempt, {"Via", "automatic"}});
    automatic.Add(FactKind::kDeployed, "prod", release, Milliseconds(0), {attempt});
  }
  EXPECT_TRUE(automatic.Advise(kDelivery).empty());
}

TEST(Advice, SaysWhereApprovalsComeAtOnce) {
  const auto log = [](Milliseconds last) {
    AdviceLog facts;
    for (int number = 1; number <= 5; ++number) {
      const std::string release = "app-" + std::to_string(number);
      const Milliseconds asked = std::chrono::hours(number);
      facts.Add(FactKind::kDecided, "prod", release, asked, {{"Gate", "approvals wait (0 of 1)"}});
      facts.Add(FactKind::kApproved,
                "prod",
                release,
                asked + (number == 5 ? last : Milliseconds(std::chrono::minutes(2))));
    }
    return facts.Advise(kApprovals);
  };
  const auto advice = log(std::chrono::minutes(3));
  ASSERT_EQ(advice.size(), 1U);
  EXPECT_EQ(advice[0].kind, "approvals");
  EXPECT_THAT(advice[0].text,
              HasSubstr("5 approvals, each within 3 m of being asked (median 2 m)"));
  EXPECT_TRUE(log(std::chrono::minutes(11)).empty()) << "somebody looked";
}

TEST(Advice, SaysWhichGateNeverSaidNo) {
  AdviceLog log;
  for (int number = 1; number <= 20; ++number) {
    log.Add(FactKind::kDecided,
            "prod",
            "app-" + std::to_string(number),
            Milliseconds(number),
            {{"Gate", "after pass (recette: passed)"},
             {"Gate", "soak pass (recette: steady)"},
             {"Gate", "window pass (open)"},
             {"Gate", "max_duration pass (total 2m of 30m)"},
             {"Gate", "tests pass [advise] (unit 5)"},
             {"Gate", number == 7 ? "coverage fail (lines 70 %)" : "coverage pass (lines 90 %)"}});
  }
  const auto advice = log.Advise(kMeasured);
  ASSERT_EQ(advice.size(), 1U) << "max_duration is not asked there any more";
  EXPECT_EQ(advice[0].kind, "gate");
  EXPECT_THAT(advice[0].text, HasSubstr("gate tests passed 20 of 20 times"));
}

TEST(Advice, CountsNoPassThatAPersonGaveOrThatNobodyAskedFor) {
  for (const std::string gate : {"tests pass (overridden by Alice until 11:00; the gate said fail)",
                                 "coverage pass (not asked of a rollback)"}) {
    AdviceLog log;
    for (int number = 1; number <= 20; ++number) {
      log.Add(FactKind::kDecided,
              "prod",
              "app-" + std::to_string(number),
              Milliseconds(number),
              {{"Gate", gate}});
    }
    EXPECT_TRUE(log.Advise(kMeasured).empty()) << gate;
  }
}

TEST(Advice, SaysWhereThingsDriftAndNothingOfWhatMainDoesNotDeploy) {
  AdviceLog log;
  for (int number = 1; number <= 3; ++number) {
    log.Add(FactKind::kDrifted, "recette", "app-1", std::chrono::hours(number));
    log.Add(FactKind::kDrifted, "elsewhere", "app-1", std::chrono::hours(number));
  }
  const auto advice = log.Advise(kDelivery);
  ASSERT_EQ(advice.size(), 1U);
  EXPECT_EQ(advice[0].kind, "drift");
  EXPECT_EQ(advice[0].environment.text(), "recette");
  EXPECT_THAT(advice[0].text, HasSubstr("drifted 3 times, last 2026-11-30T12:00:00Z"));
  EXPECT_TRUE(AdviceLog().Advise(kDelivery).empty());
}

}  // namespace
}  // namespace failgate
