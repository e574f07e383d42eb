#include "controller/evidence/evidence.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

Report Tests(const std::string& xml) {
  return ReadReport(xml, ReportKind::kTests).value();
}
Report Lcov(const std::string& text) {
  return ReadReport(text, ReportKind::kCoverage).value();
}
Report Metrics(const std::string& text) {
  return ReadReport(text, ReportKind::kMetrics).value();
}

TEST(Evidence, AddsUpLevelsAndUnitesCoverage) {
  const Evidence evidence =
      CollectEvidence({{"unit",
                        "unit",
                        EvidenceState::kPassed,
                        {Tests("<testsuite><testcase/><testcase/></testsuite>"),
                         Tests("<testsuite><testcase><skipped/></testcase></testsuite>"),
                         Lcov("SF:a.c\nDA:1,1\nDA:2,0\nend_of_record\n")}},
                       {"more",
                        "unit",
                        EvidenceState::kFailed,
                        {Tests("<testsuite><testcase><failure/></testcase></testsuite>"),
                         Lcov("SF:a.c\nDA:2,1\nDA:3,0\nend_of_record\n"),
                         Metrics(R"({"auc": 0.5})")}},
                       {"late", "functional", EvidenceState::kSkipped, {}}})
          .value();
  EXPECT_EQ(evidence.tests.at("unit"), (TestCounts{2, 1, 0, 1}));
  EXPECT_EQ(evidence.tests.count("functional"), 0U);
  EXPECT_EQ(evidence.coverage.value(), (CoverageFigures{2, 3, 0, 0}));
  EXPECT_EQ(evidence.metrics.at("auc"), 0.5);
  ASSERT_EQ(evidence.steps.size(), 3U);
  EXPECT_EQ(evidence.steps.at(0).tests, (TestCounts{2, 0, 0, 1}));
  EXPECT_EQ(evidence.steps.at(2).state, EvidenceState::kSkipped);
}

TEST(Evidence, CountsWhatReportsSayOfTestCases) {
  StepReports step{
      "acceptance",
      "functional",
      EvidenceState::kPassed,
      {Tests("<testsuite><testcase name='given_a_when_b_then_c'/></testsuite>"),
       Tests("<testsuite><testcase name='real_call'/><testcase name='x'/></testsuite>")}};
  step.usecase = "scoring";
  step.started = *ParseTime("2026-11-23T09:00:00Z");
  step.finished = *ParseTime("2026-11-23T09:00:01Z");
  const Evidence evidence =
      CollectEvidence({step, {"quiet", "build", EvidenceState::kPassed, {}}}).value();
  EXPECT_EQ(evidence.steps.at(0).cases, (CaseFigures{3, 2, "real_call", 1}));
  EXPECT_EQ(evidence.steps.at(0).usecase, "scoring");
  EXPECT_EQ(evidence.steps.at(0).started, step.started);
  EXPECT_EQ(evidence.steps.at(0).finished, step.finished);
  EXPECT_EQ(evidence.steps.at(1).cases, std::nullopt);
}

TEST(Evidence, CountsChangedLinesThatAreMeasured) {
  const CoverageReport coverage = UnionOfCoverage(
      {{"unit",
        "unit",
        EvidenceState::kPassed,
        {Lcov("SF:a.c\nDA:1,1\nDA:2,0\nDA:4,1\nend_of_record\n"),
         Lcov("SF:b.c\nDA:1,0\nend_of_record\nSF:a.c\nDA:2,0\nDA:5,3\nend_of_record\n")}}});
  ChangedLines counted;
  CountLines(coverage.files.at("a.c"), 2, 4, counted);
  CountLines(coverage.files.at("b.c"), 1, 1, counted);
  CountLines(coverage.files.at("b.c"), 2, 900, counted);
  EXPECT_EQ(counted.total, 4);
  EXPECT_EQ(counted.covered, 2);
}

TEST(Evidence, HasNoCoverageWhenNothingWasMeasured) {
  EXPECT_FALSE(CollectEvidence({{"a", "unit", EvidenceState::kPassed, {}}}).value().coverage);
}

TEST(Evidence, RefusesAMetricWithTwoValues) {
  const auto evidence = CollectEvidence({{"a",
                                          "train",
                                          EvidenceState::kPassed,
                                          {Metrics(R"({"auc": 1})"), Metrics(R"({"auc": 2})")}}});
  ASSERT_FALSE(evidence.has_value());
  EXPECT_EQ(evidence.error().code, "metric_conflict");
}

}  // namespace
}  // namespace failgate
