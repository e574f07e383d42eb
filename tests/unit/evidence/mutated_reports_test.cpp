#include <gtest/gtest.h>

#include <pugixml.hpp>
#include <random>
#include <string>
#include <vector>

#include "controller/evidence/report.h"

namespace failgate {
namespace {

const std::string kJunit =
    R"(<testsuites><testsuite name="s"><testcase name="a"><failure message="x"/></testcase>)"
    R"(<testcase name="b" status="run"/></testsuite></testsuites>)";
const std::string kLcov = "TN:\nSF:a.c\nDA:1,1\nDA:2,0\nBRDA:1,0,0,1\nend_of_record\n";
const std::string kCobertura =
    R"(<coverage><packages><package><classes><class filename="a"><lines><line number="1" hits="1"/>)"
    R"(</lines></class></classes></package></packages></coverage>)";
const std::string kMetrics = R"({"auc": 0.5, "n": 3})";
const std::string kCucumber =
    R"([{"name":"f","elements":[{"type":"scenario","name":"s","steps":[{"result":{"status":"passed"}}]}]}])";
const std::string kJacoco =
    R"(<report name="r"><package name="p"><sourcefile name="A.java">)"
    R"(<line nr="1" mi="0" ci="1" mb="0" cb="0"/></sourcefile></package></report>)";
const std::string kCoveragePy = R"({"files":{"a.py":{"executed_lines":[1],"missing_lines":[2]}}})";
const std::string kGo = "mode: set\na.go:1.2,3.4 1 1\n";

TEST(TruncatedReports, AreNeverTakenForWholeOnes) {
  for (std::size_t length = 0; length < kJunit.size(); ++length) {
    EXPECT_FALSE(ReadReport(kJunit.substr(0, length), ReportKind::kTests).has_value()) << length;
  }
  for (std::size_t length = 0; length < kCobertura.size(); ++length) {
    EXPECT_FALSE(ReadReport(kCobertura.substr(0, length), ReportKind::kCoverage).has_value());
  }
  for (std::size_t length = 0; length + 1 < kLcov.size(); ++length) {
    EXPECT_FALSE(ReadReport(kLcov.substr(0, length), ReportKind::kCoverage).has_value()) << length;
  }
  for (const std::string* report : {&kJacoco, &kCoveragePy, &kGo}) {
    for (std::size_t length = 0; length < report->size(); ++length) {
      EXPECT_FALSE(ReadReport(report->substr(0, length), ReportKind::kCoverage).has_value())
          << report->substr(0, length);
    }
  }
  for (std::size_t length = 0; length < kCucumber.size(); ++length) {
    EXPECT_FALSE(ReadReport(kCucumber.substr(0, length), ReportKind::kTests).has_value()) << length;
  }
  for (std::size_t length = 0; length < kMetrics.size(); ++length) {
    EXPECT_FALSE(ReadReport(kMetrics.substr(0, length), ReportKind::kMetrics).has_value());
  }
}

/// What our reader takes, another reader must take too, with the same number of cases.
TEST(MutatedReports, NeverCrashAndAreReadAsOthersReadThem) {
  std::mt19937 random(42);  // fixed, so that a failure can be seen again
  for (int round = 0; round < 20000; ++round) {
    for (const std::string* original :
         {&kJunit, &kLcov, &kCobertura, &kMetrics, &kCucumber, &kJacoco, &kCoveragePy, &kGo}) {
      std::string bytes = *original;
      for (auto changes = 1 + random() % 3; changes > 0; --changes) {
        bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
      }
      const auto report = ReadReport(bytes, ReportKind::kTests);
      static_cast<void>(ReadReport(bytes, ReportKind::kCoverage).has_value());
      static_cast<void>(ReadReport(bytes, ReportKind::kMetrics).has_value());
      if (!report || report->dialect != "junit") {
        continue;
      }
      pugi::xml_document document;
      ASSERT_TRUE(document.load_buffer(bytes.data(), bytes.size())) << bytes;
      EXPECT_GE(document.select_nodes("//testcase").size(),
                static_cast<std::size_t>(report->tests.cases.empty() ? 1 : 0));
      EXPECT_LE(static_cast<std::size_t>(report->tests.passed),
                document.select_nodes("//testcase").size())
          << bytes;
    }
  }
}

}  // namespace
}  // namespace failgate
