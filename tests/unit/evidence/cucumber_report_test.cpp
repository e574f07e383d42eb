#include <gtest/gtest.h>

#include <string>

#include "controller/base/durable_file.h"
#include "controller/evidence/report.h"

namespace failgate {
namespace {

TestReport Read(const std::string& text) {
  const auto report = ReadReport(text, ReportKind::kTests);
  EXPECT_TRUE(report.has_value()) << report.error().text;
  return report ? report->tests : TestReport();
}

std::string CodeOf(const std::string& text) {
  const auto report = ReadReport(text, ReportKind::kTests);
  return report ? "read" : report.error().code;
}

std::string Step(const std::string& keyword, const std::string& status) {
  return R"({"keyword": ")" + keyword + R"( ", "name": "x", "result": {"status": ")" + status +
         R"(", "duration": 1500000000}})";
}

std::string Scenario(const std::string& steps, const std::string& more = "") {
  return R"({"id": "f;s", "type": "scenario", "keyword": "Scenario", "name": "a customer")" + more +
         R"(, "steps": [)" + steps + "]}";
}

std::string Feature(const std::string& elements) {
  return R"([{"uri": "features/score.feature", "name": "Score", "elements": [)" + elements + "]}]";
}

TEST(Cucumber, CountsAScenarioOnce) {
  const TestReport report = Read(Feature(Scenario(
      Step("Given", "passed") + "," + Step("When", "passed") + "," + Step("Then", "passed"))));
  EXPECT_EQ(report.passed, 1);
  EXPECT_EQ(report.total(), 1);
  ASSERT_EQ(report.cases.size(), 1U);
  EXPECT_EQ(report.cases[0], (TestCase{"a customer", "Score", CaseOutcome::kPassed, 4.5}));
  EXPECT_EQ(report.not_given_when_then, 0);
}

TEST(Cucumber, TakesTheWorstOfItsSteps) {
  const std::string good = Step("Given", "passed");
  EXPECT_EQ(Read(Feature(Scenario(good + "," + Step("Then", "failed")))).failed, 1);
  EXPECT_EQ(Read(Feature(Scenario(Step("Then", "failed") + "," + good))).failed, 1);
  EXPECT_EQ(Read(Feature(Scenario(good + "," + Step("Then", "ambiguous")))).failed, 1);
  EXPECT_EQ(Read(Feature(Scenario(good + "," + Step("Then", "undefined")))).errors, 1);
  EXPECT_EQ(Read(Feature(Scenario(good + "," + Step("Then", "pending")))).errors, 1);
  EXPECT_EQ(Read(Feature(Scenario(good + "," + Step("Then", "PASSED")))).errors, 1);
  EXPECT_EQ(Read(Feature(Scenario(good + "," + Step("Then", "skipped")))).skipped, 1);
  EXPECT_EQ(Read(Feature(Scenario(good + R"(, {"keyword": "Then ", "name": "x"})"))).errors, 1);
  EXPECT_EQ(Read(Feature(Scenario(good + R"(, {"result": {}})"))).errors, 1);
  EXPECT_EQ(Read(Feature(Scenario(""))).skipped, 1);
}

TEST(Cucumber, CountsHooksAndTheBackgroundBefore) {
  const std::string good = Step("Given", "passed");
  EXPECT_EQ(
      Read(Feature(Scenario(good, R"(, "after": [{"result": {"status": "failed"}}])"))).failed, 1);
  EXPECT_EQ(
      Read(Feature(Scenario(good, R"(, "before": [{"result": {"status": "passed"}}])"))).passed, 1);
  const std::string hook_of_step =
      R"({"keyword": "Given ", "result": {"status": "passed"}, "after": [{"result": {"status": "failed"}}]})";
  EXPECT_EQ(Read(Feature(Scenario(hook_of_step))).failed, 1);
  const TestReport report =
      Read(Feature(R"({"type": "background", "name": "", "steps": [)" + Step("Given", "failed") +
                   "]}," + Scenario(good) + "," + Scenario(good)));
  EXPECT_EQ(report.failed, 1);
  EXPECT_EQ(report.passed, 1);
}

TEST(Cucumber, ReadsWhatBehaveWrites) {
  const TestReport report = Read(
      R"([{"keyword": "Feature", "name": "Score", "status": "failed", "elements": [
           {"type": "scenario", "name": "one", "status": "failed", "tags": ["real_calls"],
            "steps": [{"keyword": "Given", "step_type": "given", "name": "x",
                       "result": {"status": "passed", "duration": 0.25}}]},
           {"type": "scenario", "name": "two", "status": "passed", "tags": ["real_calls"],
            "steps": [{"keyword": "Given", "result": {"status": "passed", "duration": 0.25}}]}]}])");
  EXPECT_EQ(report.failed, 1);
  EXPECT_EQ(report.passed, 1);
  EXPECT_EQ(report.real_calls, 1);
  EXPECT_EQ(report.cases.at(1).seconds, 0.25);
  EXPECT_EQ(report.not_given_when_then, 2);
}

TEST(Cucumber, ReadsAFileOfBehave) {
  const TestReport report = Read(ReadFile(FAILGATE_REPORTS "/behave.json"));
  EXPECT_EQ(report.passed, 1);
  EXPECT_EQ(report.failed, 2);
  EXPECT_EQ(report.errors, 0);  // a scenario with an undefined step has failed, it says
  EXPECT_EQ(report.real_calls, 1);
  EXPECT_EQ(report.not_given_when_then, 1);
}

TEST(Cucumber, TakesTheWordOfAFeatureThatBroke) {
  const std::string good = Scenario(Step("Given", "passed"));
  const std::string after_hook =
      R"([{"name": "Score", "status": "failed", "elements": [)" + good + "]}]";
  EXPECT_EQ(Read(after_hook).errors, 1);
  EXPECT_EQ(Read(after_hook).passed, 1);
  EXPECT_EQ(Read(R"([{"name": "Score", "status": "failed"}])").errors, 1);
  const std::string with_reason = R"([{"name": "Score", "status": "failed", "elements": [)" +
                                  Scenario(Step("Given", "failed")) + "]}]";
  EXPECT_EQ(Read(with_reason).total(), 1);
}

TEST(Cucumber, SkipsWhatATagLeavesOut) {
  const std::string left_out =
      R"({"type": "scenario", "name": "x", "status": "skipped", "steps": [{"keyword": "Given"}]})";
  const TestReport report = Read(Feature(Scenario(Step("Given", "passed")) + "," + left_out));
  EXPECT_EQ(report.passed, 1);
  EXPECT_EQ(report.skipped, 1);
  const std::string half =
      R"({"type": "scenario", "name": "x", "status": "skipped", "steps": [{"keyword": "Given"}, )" +
      Step("Then", "passed") + "]}";
  EXPECT_EQ(Read(Feature(half)).errors, 1);
}

TEST(Cucumber, CountsTheWordsOfTheBackground) {
  const TestReport report =
      Read(Feature(R"({"type": "background", "steps": [)" + Step("Given", "passed") + "]}," +
                   Scenario(Step("When", "passed") + "," + Step("Then", "passed")) + "," +
                   Scenario(Step("When", "passed") + "," + Step("Then", "passed"))));
  EXPECT_EQ(report.passed, 2);
  EXPECT_EQ(report.not_given_when_then, 1);
}

TEST(Cucumber, DoesNotTakeTheResultOfAHookForTheOneOfItsStep) {
  const std::string hook_only =
      R"({"keyword": "Then ", "after": [{"result": {"status": "passed"}}]})";
  EXPECT_EQ(Read(Feature(Scenario(hook_only))).errors, 1);
  EXPECT_EQ(CodeOf(Feature(Scenario(R"([{"result": {"status": "failed"}}])"))), "report_malformed");
}

TEST(Cucumber, KnowsTagsOfRealCalls) {
  const std::string tagged =
      Scenario(Step("Given", "passed"), R"(, "tags": [{"name": "@real_calls", "line": 3}])");
  EXPECT_EQ(Read(Feature(tagged)).real_calls, 1);
  EXPECT_EQ(Read(Feature(Scenario(Step("Given", "passed")))).real_calls, 0);
}

TEST(Cucumber, RefusesZeroScenarios) {
  EXPECT_EQ(CodeOf("[]"), "report_empty");
  EXPECT_EQ(CodeOf(Feature("")), "report_empty");
  EXPECT_EQ(CodeOf(R"([{"name": "no elements"}])"), "report_empty");
  EXPECT_EQ(CodeOf(Feature(R"({"type": "background", "steps": []})")), "report_empty");
}

TEST(Cucumber, RefusesWhatCouldHideAFailure) {
  const std::string twice =
      R"({"keyword": "Then ", "result": {"status": "failed", "status": "passed"}})";
  const std::string two_results =
      R"({"result": {"status": "failed"}, "result": {"status": "passed"}})";
  for (const std::string& text : {Feature(Scenario(twice)),
                                  Feature(Scenario(two_results)),
                                  Feature(Scenario(Step("Then", "passed")) + ", 5"),
                                  Feature(Scenario("\"passed\"")),
                                  Feature(R"({"name": "x", "steps": "passed"})"),
                                  std::string("[5]"),
                                  std::string("[[]]"),
                                  std::string(R"([{"elements": 3}])"),
                                  std::string(200, '['),
                                  Feature(Scenario(Step("Then", "passed"))) + "x"}) {
    EXPECT_EQ(CodeOf(text), "report_malformed") << text;
  }
}

}  // namespace
}  // namespace failgate
