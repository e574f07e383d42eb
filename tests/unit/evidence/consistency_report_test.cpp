#include <gtest/gtest.h>

#include <string>

#include "controller/evidence/evidence.h"

namespace failgate {
namespace {

constexpr const char* kWhole = R"({
  "predictions": {"compared": 500, "different": 1},
  "invariance": {"passed": 24, "failed": 0},
  "direction": {"passed": 12, "failed": 2},
  "schema": [{"name": "age", "type": "int64"}, {"name": "country", "type": "category"}],
  "champion_schema": [{"name": "age", "type": "int64"}],
  "rerun": {"auc": 0.871}})";

Result<Report> Read(const std::string& text) {
  return ReadReport(text, ReportKind::kConsistency);
}

TEST(Consistency, IsReadPartByPart) {
  const ConsistencyFigures figures = Read(kWhole).value().consistency;
  EXPECT_EQ(figures.predictions->different, 1);
  EXPECT_EQ(figures.invariance->passed, 24);
  EXPECT_EQ(figures.direction->failed, 2);
  EXPECT_EQ(figures.schema.at(1), (SchemaField{"country", "category"}));
  EXPECT_EQ(figures.champion_schema.size(), 1U);
  EXPECT_EQ(figures.rerun.at("auc"), 0.871);
  EXPECT_FALSE(Read(R"({"invariance": {"passed": 1, "failed": 0}})").value().consistency.direction);
}

TEST(Consistency, RefusesWhatIsNoCountNoNameOrUnknown) {
  for (const std::string text :
       {R"({"predictions": {"compared": 500}})",
        R"({"predictions": {"compared": 500, "different": -1}})",
        R"({"predictions": {"compared": 1.5, "different": 0}})",
        R"({"predictions": {"compared": 1e3, "different": 0}})",
        R"({"predictions": {"compared": "500", "different": 0}})",
        R"({"predictions": {"compared": 500, "different": 0, "same": 500}})",
        R"({"predictions": {"compared": 500, "different": 1, "different": 0}})",
        R"({"predictions": "same"})",
        R"({"invariance": {"passed": 99999999999999, "failed": 0}})",
        R"({"invariance": [1]})",
        R"({"invariant": {"passed": 1, "failed": 0}})",
        R"({"schema": []})",
        R"({"schema": [{"name": "age"}]})",
        R"({"schema": [{"name": "age", "type": "int"}, {"name": "age", "type": "text"}]})",
        R"({"schema": [{"name": "a\nb", "type": "int"}]})",
        R"({"schema": {"age": "int"}})",
        R"({"rerun": {}})",
        R"({"rerun": {"auc": NaN}})",
        R"({"rerun": {"auc": 1e999}})",
        R"({"rerun": {"auc": null}})",
        R"({"rerun": {"a": {"auc": 1}}})"}) {
    const Result<Report> report = Read(text);
    ASSERT_FALSE(report.has_value()) << text;
    EXPECT_EQ(report.error().code, "report_malformed") << text;
  }
  EXPECT_EQ(Read("{}").error().code, "report_empty");
  EXPECT_EQ(Read("[]").error().code, "report_unknown");
}

Report Metrics(const std::string& text) {
  return ReadReport(text, ReportKind::kMetrics).value();
}

TEST(Measured, IsToldByStepAndNotOfDegradedOrFailedOnes) {
  StepReports train{"train", "train", EvidenceState::kPassed, {Metrics(R"({"auc": 0.9})")}};
  train.champion = ReleaseName("churn-41");
  train.repeated = RepeatEvidence{false, 0, 1, "", false, {{"auc", {0.9, 0.8}}}};
  StepReports degraded{"tune", "train", EvidenceState::kPassed, {Metrics(R"({"f1": 0.9})")}};
  degraded.degraded = true;
  const Evidence evidence =
      CollectEvidence({train,
                       degraded,
                       {"score", "functional", EvidenceState::kFailed, {Metrics(R"({"hits": 3})")}},
                       {"check", "functional", EvidenceState::kPassed, {Read(kWhole).value()}}})
          .value();
  EXPECT_EQ(evidence.metrics.size(), 3U) << "all are shown";
  ASSERT_EQ(evidence.measured.size(), 2U);
  EXPECT_EQ(evidence.measured[0].champion.text(), "churn-41");
  EXPECT_EQ(evidence.measured[0].metrics.at("auc"), 0.9);
  EXPECT_EQ(evidence.measured[0].repeated,
            (StepMeasurement::Repeated{1, "metric auc was 0.9, then 0.8"}));
  EXPECT_EQ(evidence.measured[1].consistency->rerun.at("auc"), 0.871);
}

TEST(Measured, RefusesTwoConsistencyReportsOfOneStep) {
  const Report report = Read(kWhole).value();
  const Result<Evidence> evidence =
      CollectEvidence({{"check", "functional", EvidenceState::kPassed, {report, report}}});
  ASSERT_FALSE(evidence.has_value());
  EXPECT_EQ(evidence.error().code, "consistency_conflict");
}

}  // namespace
}  // namespace failgate
