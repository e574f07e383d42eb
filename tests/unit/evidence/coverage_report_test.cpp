#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "controller/evidence/evidence.h"

namespace failgate {
namespace {

CoverageReport Read(const std::string& text, const std::string& workspace = "/work/src") {
  const auto report = ReadReport(text, ReportKind::kCoverage, workspace);
  EXPECT_TRUE(report.has_value()) << report.error().text;
  return report ? report->coverage : CoverageReport();
}

std::string CodeOf(const std::string& text) {
  const auto report = ReadReport(text, ReportKind::kCoverage, "/work/src");
  return report ? "read" : report.error().code;
}

std::string Cobertura(const std::string& source, const std::string& classes) {
  return "<?xml version=\"1.0\" ?>\n<!DOCTYPE coverage SYSTEM "
         "'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>\n"
         "<coverage line-rate=\"1\"><sources><source>" +
         source + "</source></sources><packages><package><classes>" + classes +
         "</classes></package></packages></coverage>";
}

TEST(Cobertura, TakesALineOfMethodAndClassOnce) {
  const CoverageReport report = Read(Cobertura(
      "/work/src",
      R"x(<class filename="a.py"><methods><method><lines><line number="1" hits="2"/></lines></method>
         </methods><lines><line number="1" hits="2"/><line number="2" hits="0"/></lines></class>
         <class filename="a.py"><lines><line number="2" hits="1" branch="true"
         condition-coverage="50% (1/2)"/><line number="3" hits="0"/></lines></class>)x"));
  EXPECT_EQ(CountCoverage(report), (CoverageFigures{2, 3, 1, 2}));
}

TEST(Cobertura, FindsTheFileInTheRepository) {
  const std::string line = "<lines><line number=\"1\" hits=\"1\"/></lines></class>";
  EXPECT_EQ(
      Read(Cobertura("/work/src/lib", "<class filename=\"a.py\">" + line)).files.count("lib/a.py"),
      1U);
  EXPECT_EQ(Read(Cobertura("", "<class filename=\"a.py\">" + line)).files.count("a.py"), 1U);
  EXPECT_EQ(Read(Cobertura("..", "<class filename=\"a.py\">" + line)).files.count("a.py"), 1U);
  EXPECT_EQ(
      Read(Cobertura(".", "<class filename=\"/work/src/b/./a.py\">" + line)).files.count("b/a.py"),
      1U);
}

TEST(Cobertura, DropsFilesOutside) {
  const std::string line = "<lines><line number=\"1\" hits=\"1\"/></lines></class>";
  const CoverageReport report = Read(
      Cobertura("/work/src",
                "<class filename=\"/usr/lib/x.py\">" + line + "<class filename=\"a.py\">" + line));
  EXPECT_EQ(report.files_outside, 1);
  EXPECT_EQ(report.files.size(), 1U);
  EXPECT_EQ(CodeOf(Cobertura("/usr/lib", "<class filename=\"x.py\">" + line)), "report_empty");
}

TEST(Cobertura, RefusesWhatCannotBeRead) {
  EXPECT_EQ(CodeOf("<coverage><project/></coverage>"), "report_unknown");
  EXPECT_EQ(CodeOf(Cobertura("", "<class><lines/></class>")), "report_malformed");
  EXPECT_EQ(CodeOf(Cobertura("", "<line number=\"1\" hits=\"1\"/>")), "report_malformed");
  for (const std::string line : {"number=\"x\" hits=\"1\"",
                                 "number=\"1\" hits=\"-1\"",
                                 "number=\"1\"",
                                 "number=\"1\" hits=\"1\" condition-coverage=\"50%\"",
                                 "number=\"1\" hits=\"1\" condition-coverage=\"50% (3/2)\""}) {
    EXPECT_EQ(
        CodeOf(Cobertura("", "<class filename=\"a\"><lines><line " + line + "/></lines></class>")),
        "report_malformed")
        << line;
  }
  EXPECT_EQ(CodeOf(Cobertura("", "")), "report_empty");
}

TEST(Lcov, CountsLinesAndNeverTheTotals) {
  const CoverageReport report = Read(
      "TN:\nSF:a.c\nDA:3,0,abc\nDA:1,5\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nBRDA:0,0,1,1\nLH:4\nLF:3\n"
      "end_of_record\nSF:/work/src/a.c\nFN:1,f\nFNDA:1,f\nDA:3,2\nDA:4,0\nend_of_record\n");
  EXPECT_EQ(CountCoverage(report), (CoverageFigures{2, 3, 1, 2}));
  EXPECT_EQ(report.files.at("a.c").at(3).hits, 2);
}

TEST(Lcov, RefusesWhatCannotBeRead) {
  for (const std::string text : {"SF:a.c\nDA:1,1\n",
                                 "TN:\nDA:1,1\nend_of_record\n",
                                 "SF:a.c\nDA:1\nend_of_record\n",
                                 "SF:a.c\nDA:x,1\nend_of_record\n",
                                 "SF:a.c\nDA:1,-5\nend_of_record\n",
                                 "SF:a.c\nSF:b.c\nend_of_record\n",
                                 "SF:a.c\nHELLO:1\nend_of_record\n",
                                 "SF:a.c\nBRDA:1,1\nend_of_record\n",
                                 "SF:a.c\nBRDA:1,0,0,x\nend_of_record\n",
                                 "SF:\nend_of_record\n",
                                 "SF:a.c\nend_of_record\nend_of_record\n",
                                 "SF:a.c\nDA:1,1,2,3\nend_of_record\n"}) {
    EXPECT_EQ(CodeOf(text), "report_malformed") << text;
  }
  EXPECT_EQ(CodeOf("SF:a.c\nend_of_record\n"), "report_empty");
  EXPECT_EQ(CodeOf("SF:/usr/include/a.h\nDA:1,1\nend_of_record\n"), "report_empty");
}

TEST(Coverage, RefusesWhatIsNoCoverage) {
  EXPECT_EQ(CodeOf("<testsuite><testcase/></testsuite>"), "report_unknown");
  EXPECT_EQ(CodeOf("80 %"), "report_unknown");
}

}  // namespace
}  // namespace failgate
