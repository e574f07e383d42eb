#include <gtest/gtest.h>

#include <string>

#include "controller/base/durable_file.h"
#include "controller/evidence/evidence.h"

namespace failgate {
namespace {

std::string CodeOf(const std::string& text) {
  const auto report = ReadReport(text, ReportKind::kCoverage, "/work/src");
  return report ? "read" : report.error().code;
}

std::string Json(const std::string& files) {
  return R"({"meta": {"version": "7.2", "branch_coverage": true}, "files": {)" + files +
         R"(}, "totals": {"percent_covered": 100.0}})";
}

TEST(CoveragePy, CountsFromItsLists) {
  const auto report =
      ReadReport(Json(R"("churn/score.py": {"executed_lines": [1, 2, 4], "missing_lines": [5],
              "excluded_lines": [9], "executed_branches": [[2, 4]],
              "missing_branches": [[2, 5], [4, -1]],
              "functions": {"f": {"executed_lines": [77], "missing_lines": []}},
              "summary": {"percent_covered": 99.9, "num_statements": 4}},
             "/work/src/b.py": {"executed_lines": [], "missing_lines": [1]},
             "/usr/lib/x.py": {"executed_lines": [1], "missing_lines": []})"),
                 ReportKind::kCoverage,
                 "/work/src");
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_EQ(report->dialect, "coverage.py");
  EXPECT_EQ(report->coverage.files_outside, 1);
  EXPECT_EQ(report->coverage.files.count("b.py"), 1U);
  EXPECT_EQ(CountCoverage(report->coverage), (CoverageFigures{3, 5, 1, 3}));
}

TEST(CoveragePy, ReadsAFileOfIt) {
  const auto report = ReadReport(
      ReadFile(FAILGATE_REPORTS "/coverage_py.json"), ReportKind::kCoverage, "/work/src");
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_EQ(CountCoverage(report->coverage), (CoverageFigures{4, 5, 1, 2}));
}

TEST(CoveragePy, RefusesListsOfSomethingElse) {
  for (const char* files : {R"("a.py": {"executed_lines": [1, "2"]})",
                            R"("a.py": {"executed_lines": [1.5]})",
                            R"("a.py": {"executed_lines": [{}]})",
                            R"("a.py": {"executed_lines": [[1]]})",
                            R"("a.py": {"executed_branches": [1]})",
                            R"("a.py": {"executed_branches": [[1]]})",
                            R"("a.py": {"executed_branches": [[1, 2, 3]]})",
                            R"("a.py": {"missing_lines": [1], "missing_lines": []})",
                            R"("a.py": {"executed_lines": [1]}, "./a.py": {})"}) {
    EXPECT_EQ(CodeOf(Json(files)), "report_malformed") << files;
  }
  EXPECT_EQ(CodeOf(R"({"files": {}, "files": {}})"), "report_malformed");
  EXPECT_EQ(CodeOf(R"({"files": {)"), "report_malformed");
}

TEST(CoveragePy, RefusesWhatMeasuresNothing) {
  EXPECT_EQ(CodeOf(Json("")), "report_empty");
  EXPECT_EQ(CodeOf(R"({"auc": 0.5})"), "report_unknown");
  EXPECT_EQ(CodeOf(R"({"files": []})"), "report_empty");
}

}  // namespace
}  // namespace failgate
