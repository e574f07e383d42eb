#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "controller/evidence/report.h"

namespace failgate {
namespace {

TestReport Read(const std::string& xml) {
  const auto report = ReadReport(xml, ReportKind::kTests);
  EXPECT_TRUE(report.has_value()) << report.error().text;
  return report ? report->tests : TestReport();
}

CaseOutcome OutcomeOf(const std::string& test_case) {
  return Read("<testsuite>" + test_case + "</testsuite>").cases.at(0).outcome;
}

std::string CodeOf(const std::string& text) {
  const auto report = ReadReport(text, ReportKind::kTests);
  return report ? "read" : report.error().code;
}

TEST(Junit, CountsCasesOfNestedSuitesAndIgnoresTotals) {
  const TestReport report = Read(R"(<?xml version="1.0" encoding="utf-8"?>
<testsuites tests="900" failures="0"><testsuite name="a" tests="7">
  <testcase classname="m.C" name="t &amp; u" time="0.25"/>
  <testsuite name="inner"><testcase name="x"><failure message="no">trace</failure></testcase>
    <testcase name="y"><error/></testcase></testsuite>
  <testcase name="z"><skipped type="pytest.xfail"/></testcase>
</testsuite></testsuites>)");
  EXPECT_EQ(report.passed, 1);
  EXPECT_EQ(report.failed, 1);
  EXPECT_EQ(report.errors, 1);
  EXPECT_EQ(report.skipped, 1);
  EXPECT_EQ(report.cases.at(0), (TestCase{"t & u", "m.C", CaseOutcome::kPassed, 0.25}));
}

TEST(Junit, KnowsTheSignsOfEachTool) {
  EXPECT_EQ(OutcomeOf(R"(<testcase name="a" status="run"/>)"), CaseOutcome::kPassed);
  EXPECT_EQ(OutcomeOf(R"(<testcase name="a" status="fail"/>)"), CaseOutcome::kFailed);
  EXPECT_EQ(OutcomeOf(R"(<testcase name="a" status="disabled"/>)"), CaseOutcome::kSkipped);
  EXPECT_EQ(OutcomeOf(R"(<testcase name="a" status="notrun"/>)"), CaseOutcome::kSkipped);
  EXPECT_EQ(OutcomeOf(R"(<testcase name="a" status="notrun" result="suppressed"/>)"),
            CaseOutcome::kSkipped);
  EXPECT_EQ(OutcomeOf(R"(<testcase name="a" status="run" result="skipped"/>)"),
            CaseOutcome::kSkipped);
  EXPECT_EQ(OutcomeOf(R"(<testcase name="a" status="run" result="completed"/>)"),
            CaseOutcome::kPassed);
  EXPECT_EQ(OutcomeOf(R"(<testcase name="a" failure="boom"/>)"), CaseOutcome::kFailed);
  EXPECT_EQ(OutcomeOf("<testcase><flakyFailure/><flakyError/></testcase>"), CaseOutcome::kPassed);
  EXPECT_EQ(OutcomeOf("<testcase><failure/><rerunFailure/></testcase>"), CaseOutcome::kFailed);
  EXPECT_EQ(OutcomeOf("<testcase><skipped/><failure/></testcase>"), CaseOutcome::kFailed);
}

TEST(Junit, DoesNotTakeAnUnknownStatusForASuccess) {
  EXPECT_EQ(OutcomeOf(R"(<testcase name="a" status="whatever"/>)"), CaseOutcome::kError);
}

TEST(Junit, CountsASuiteThatBrokeOutsideOfItsCases) {
  const TestReport report = Read("<testsuite><error/><testcase/></testsuite>");
  EXPECT_EQ(report.errors, 1);
  EXPECT_EQ(report.passed, 1);
}

TEST(Junit, CountsNamesThatDoNotFollowGivenWhenThen) {
  const TestReport report = Read(
      "<testsuite><testcase name='given_a_when_b_then_c'/><testcase name='test_one'/>"
      "<testcase name='test_two'><failure/></testcase></testsuite>");
  EXPECT_EQ(report.not_given_when_then, 2);
  EXPECT_EQ(report.example, "test_one");
}

TEST(Junit, CountsPassedCasesThatCallRealSystems) {
  const std::string property =
      "<properties><property name='real_calls' value='true'/></properties>";
  const std::string no_property =
      "<properties><property name='real_calls' value='false'/><property name='x' value='true'/>"
      "</properties>";
  const TestReport report = Read(
      "<testsuite><properties><property name='real_calls' value='true'/></properties>"
      "<testcase name='a'>" +
      property + "</testcase><testcase name='b'>" + no_property + "</testcase><testcase name='c'>" +
      property +
      "<failure/></testcase>"
      "<testcase name='d'>" +
      property +
      "<skipped/></testcase>"
      "<testcase name='test_real_call'/><testcase classname='RealCalls' name='e'/>"
      "<testcase name='f'/></testsuite>");
  EXPECT_EQ(report.real_calls, 3);
  EXPECT_EQ(report.total(), 7);
}

TEST(Junit, RefusesZeroCases) {
  EXPECT_EQ(CodeOf("<testsuites/>"), "report_empty");
  EXPECT_EQ(CodeOf(R"(<testsuite tests="12" failures="0"></testsuite>)"), "report_empty");
  EXPECT_EQ(CodeOf(""), "report_empty");
}

TEST(Junit, RefusesCasesInStrangePlaces) {
  EXPECT_EQ(CodeOf("<testsuite><properties><testcase/></properties></testsuite>"),
            "report_malformed");
  EXPECT_EQ(CodeOf("<testsuite><testcase><testcase/></testcase></testsuite>"), "report_malformed");
}

TEST(Junit, RefusesOtherReports) {
  EXPECT_EQ(CodeOf("{\"a\": 1}"), "report_unknown");
  EXPECT_EQ(CodeOf("<coverage/>"), "report_unknown");
  EXPECT_EQ(CodeOf("all 12 tests passed"), "report_unknown");
}

TEST(Junit, KeepsCountingWhenTheListIsFull) {
  std::string xml = "<testsuite>";
  for (std::size_t i = 0; i < kMaxListedCases + 5; ++i) {
    xml += "<testcase/>";
  }
  const TestReport report = Read(xml + "</testsuite>");
  EXPECT_EQ(report.cases.size(), kMaxListedCases);
  EXPECT_EQ(report.passed, static_cast<long long>(kMaxListedCases) + 5);
}

TEST(Junit, WritesNamesInOneLine) {
  EXPECT_EQ(Read("<testsuite><testcase name=\"a&#10;Result: x\"/></testsuite>").cases.at(0).name,
            "a\\u000aResult: x");
}

}  // namespace
}  // namespace failgate
