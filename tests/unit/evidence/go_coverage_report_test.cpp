#include <gtest/gtest.h>

#include <string>

#include "controller/evidence/evidence.h"

namespace failgate {
namespace {

std::string CodeOf(const std::string& text) {
  const auto report = ReadReport(text, ReportKind::kCoverage, "/work/src");
  return report ? "read" : report.error().code;
}

TEST(GoCoverprofile, SpreadsBlocksOverTheirLines) {
  const auto report = ReadReport(
      "mode: count\n"
      "example.com/churn/score.go:7.2,9.3 2 0\n"
      "example.com/churn/score.go:3.29,5.2 1 4\n"
      "example.com/churn/score.go:3.29,5.2 1 0\n"
      "mode: count\n"
      "example.com/churn/main.go:1.1,1.9 0 1\n",
      ReportKind::kCoverage,
      "/work/src");
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_EQ(report->dialect, "go");
  const auto& lines = report->coverage.files.at("example.com/churn/score.go");
  EXPECT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines.at(4).hits, 4);
  EXPECT_EQ(lines.at(8).hits, 0);
  EXPECT_EQ(CountCoverage(report->coverage), (CoverageFigures{3, 6, 0, 0}));
}

TEST(GoCoverprofile, RefusesWhatIsNoBlock) {
  for (const std::string text : {"mode: set\na.go:1.2,3.4 1\n",
                                 "mode: set\na.go:1.2,3.4 1 x\n",
                                 "mode: set\na.go:3.2,1.4 1 1\n",
                                 "mode: set\na.go:0.2,1.4 1 1\n",
                                 "mode: set\na.go:1,3 1 1\n",
                                 "mode: set\n:1.2,3.4 1 1\n",
                                 "mode: set\na.go 1 1\n",
                                 "mode: set\na.go:1.2,3.4 1 1 1\n",
                                 "mode: set\na.go:1.2,3.4 1 10"}) {
    EXPECT_EQ(CodeOf(text), "report_malformed") << text;
  }
  EXPECT_EQ(CodeOf("mode: set\n"), "report_empty");
  EXPECT_EQ(CodeOf("mode: set\na.go:1.1,9000000.1 1 1\n"), "report_too_large");
}

}  // namespace
}  // namespace failgate
