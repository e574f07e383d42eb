#include "controller/evidence/report_comparison.h"

#include <gtest/gtest.h>

#include <string>

namespace failgate {
namespace {

/// One test case for each word: "name", "name!" failed, "name?" skipped, "name#" broken.
Report Tests(const std::vector<std::string>& words) {
  std::string xml = "<testsuite>";
  for (const std::string& word : words) {
    const std::string name = word.substr(0, word.find_first_of("!?#"));
    xml += "<testcase classname='t' name='" + name + "'>";
    if (word.back() == '!') xml += "<failure/>";
    if (word.back() == '?') xml += "<skipped/>";
    if (word.back() == '#') xml += "<error/>";
    xml += "</testcase>";
  }
  return ReadReport(xml + "</testsuite>", ReportKind::kTests).value();
}
Report Metrics(const std::string& text) {
  return ReadReport(text, ReportKind::kMetrics).value();
}

std::string Difference(const std::vector<std::string>& first,
                       const std::vector<std::string>& second) {
  return CompareRuns({Tests(first)}, {Tests(second)}).difference;
}

TEST(CompareRuns, TakesTheSameCasesInAnotherOrderForTheSame) {
  const RepeatEvidence evidence = CompareRuns({Tests({"a", "b?", "c"}), Metrics(R"({"m": 1})")},
                                              {Tests({"c", "a", "b?"}), Metrics(R"({"m": 1})")});
  EXPECT_EQ(evidence.difference, "");
  EXPECT_EQ(evidence.cases, 3);
  EXPECT_EQ(evidence.metrics, 1);
  EXPECT_TRUE(evidence.moved.empty());
}

TEST(CompareRuns, CountsACaseOfOneNameAsOftenAsItIsThere) {
  EXPECT_EQ(Difference({"a", "a!"}, {"a!", "a"}), "");
  EXPECT_EQ(Difference({"a", "a"}, {"a"}), "test case t.a was passed and passed, then passed");
  EXPECT_EQ(Difference({"a", "a", "a", "a", "a"}, {"a"}),
            "test case t.a was passed and passed and passed and passed and … (5 times), then "
            "passed");
}

TEST(CompareRuns, NamesTheFirstCaseThatDiffers) {
  EXPECT_EQ(Difference({"a", "b", "c"}, {"a", "c!", "b#"}), "test case t.b was passed, then error");
  EXPECT_EQ(Difference({"a", "b"}, {"a"}), "test case t.b was passed, then not there");
  EXPECT_EQ(Difference({"a"}, {"a", "b?"}), "test case t.b was not there, then skipped");
}

TEST(CompareRuns, RecordsMetricsThatMoved) {
  const RepeatEvidence evidence =
      CompareRuns({Metrics(R"({"a": 1, "b": 0.5})")}, {Metrics(R"({"a": 1, "b": 0.25})")});
  EXPECT_EQ(evidence.difference, "");
  EXPECT_EQ(evidence.moved, (std::map<std::string, MetricPair>{{"b", {0.5, 0.25}}}));
  EXPECT_EQ(CompareRuns({Metrics(R"({"a": 1, "b": 2})")}, {Metrics(R"({"a": 1})")}).difference,
            "metric b was missing the second time");
  EXPECT_EQ(CompareRuns({Metrics(R"({"a": 1})")}, {Metrics(R"({"a": 1, "b": 2})")}).difference,
            "metric b was new the second time");
}

TEST(CompareRuns, SaysWhenMoreMetricsMovedThanAreRecorded) {
  std::string first;
  std::string second;
  for (std::size_t i = 0; i <= kMaxMovedMetrics; ++i) {
    const std::string name = (i == 0 ? "{\"m" : ", \"m") + std::to_string(i);
    first += name + "\": 1";
    second += name + "\": 2";
  }
  const RepeatEvidence evidence = CompareRuns({Metrics(first + "}")}, {Metrics(second + "}")});
  EXPECT_EQ(evidence.moved.size(), kMaxMovedMetrics);
  EXPECT_TRUE(evidence.more_moved);
}

TEST(CompareRuns, DoesNotCallTheSameWhatItCannotSeeWhole) {
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= kMaxListedCases; ++i) many.push_back("c" + std::to_string(i));
  EXPECT_EQ(Difference(many, many), "more than 10000 test cases cannot be compared");
  many.pop_back();
  EXPECT_EQ(Difference(many, many), "");
}

TEST(FindCasesFixed, NamesWhatPassesNowAndFailedOrBrokeBefore) {
  const CasesFixed fixed = FindCasesFixed({Tests({"a", "b", "c", "d?", "e", "new"})},
                                          {Tests({"a", "b!", "c#", "d!", "e?"})});
  EXPECT_EQ(fixed.count, 2);
  EXPECT_EQ(fixed.names, (std::vector<std::string>{"t.b", "t.c"}));
}

TEST(FindCasesFixed, DoesNotCountWhatOnlyPassesSometimes) {
  EXPECT_EQ(FindCasesFixed({Tests({"a", "a!"})}, {Tests({"a!", "a!"})}).count, 0);
  EXPECT_EQ(FindCasesFixed({Tests({"a"})}, {Tests({"a", "a!"})}).count, 1);
  EXPECT_EQ(FindCasesFixed({Tests({"a"})}, {}).count, 0);
}

TEST(FindCasesFixed, CountsAllAndNamesSome) {
  std::vector<std::string> now;
  std::vector<std::string> before;
  for (int i = 0; i < 100; ++i) {
    now.push_back("c" + std::to_string(i));
    before.push_back(now.back() + "!");
  }
  const CasesFixed fixed = FindCasesFixed({Tests(now)}, {Tests(before)});
  EXPECT_EQ(fixed.count, 100);
  EXPECT_EQ(fixed.names.size(), kMaxNamedCases);
}

}  // namespace
}  // namespace failgate
