#include <gtest/gtest.h>

#include <string>

#include "controller/evidence/evidence.h"

namespace failgate {
namespace {

std::string Jacoco(const std::string& inside) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
         "<!DOCTYPE report PUBLIC \"-//JACOCO//DTD Report 1.1//EN\" \"report.dtd\">"
         "<report name=\"churn\"><sessioninfo id=\"a\" start=\"1\" dump=\"2\"/>" +
         inside + "</report>";
}

std::string CodeOf(const std::string& text) {
  const auto report = ReadReport(text, ReportKind::kCoverage, "/work/src");
  return report ? "read" : report.error().code;
}

TEST(Jacoco, CountsLinesAndBranchesOfSourceFiles) {
  const auto report =
      ReadReport(Jacoco(R"(<group name="g"><package name="com/acme"><class name="com/acme/Score">
        <method name="of" desc="()V" line="3"><counter type="LINE" missed="90" covered="0"/></method>
        </class><sourcefile name="Score.java"><line nr="3" mi="0" ci="4" mb="0" cb="0"/>
        <line nr="4" mi="1" ci="3" mb="1" cb="3"/><line nr="5" mi="2" ci="0" mb="2" cb="0"/>
        <counter type="LINE" missed="0" covered="99"/></sourcefile></package></group>)"),
                 ReportKind::kCoverage,
                 "/work/src");
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_EQ(report->dialect, "jacoco");
  EXPECT_EQ(report->coverage.files.begin()->first, "g:/com/acme/Score.java");
  EXPECT_EQ(CountCoverage(report->coverage), (CoverageFigures{2, 3, 3, 6}));
}

TEST(Jacoco, RefusesLinesThatSayNothing) {
  const std::string open = "<package name=\"p\"><sourcefile name=\"A.java\">";
  const std::string close = "</sourcefile></package>";
  EXPECT_EQ(CodeOf(Jacoco(open + R"(<line nr="1" mi="0" ci="1"/>)" + close)), "report_malformed");
  EXPECT_EQ(CodeOf(Jacoco(open + R"(<line nr="1" mi="0" ci="-1" mb="0" cb="0"/>)" + close)),
            "report_malformed");
  EXPECT_EQ(CodeOf(Jacoco(R"(<line nr="1" mi="0" ci="1" mb="0" cb="0"/>)")), "report_malformed");
  EXPECT_EQ(CodeOf(Jacoco(R"(<sourcefile name="A.java"/>)")), "report_malformed");
  EXPECT_EQ(CodeOf(Jacoco("")), "report_empty");
  EXPECT_EQ(CodeOf(Jacoco(R"(<package name="../.."><sourcefile name="A.java">)"
                          R"(<line nr="1" mi="0" ci="1" mb="0" cb="0"/>)" +
                          close)),
            "report_empty");
}

}  // namespace
}  // namespace failgate
