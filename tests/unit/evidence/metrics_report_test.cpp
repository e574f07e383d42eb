#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "controller/evidence/report.h"

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::string CodeOf(const std::string& text) {
  const auto report = ReadReport(text, ReportKind::kMetrics);
  return report ? "read" : report.error().code;
}

TEST(Metrics, AreAFlatObjectOfNumbers) {
  EXPECT_THAT(ReadReport(R"({"auc": 0.871, "n": 12, "champion.auc": -1e-3})", ReportKind::kMetrics)
                  .value()
                  .metrics,
              ElementsAre(Pair("auc", 0.871), Pair("champion.auc", -0.001), Pair("n", 12)));
}

TEST(Metrics, RefusesEverythingElse) {
  for (const std::string text : {R"({"a": NaN})",
                                 R"({"a": Infinity})",
                                 R"({"a": 1e999})",
                                 R"({"a": {"b": 1}})",
                                 R"({"a": [1]})",
                                 R"({"a": "1"})",
                                 R"({"a": true})",
                                 R"({"a": null})",
                                 R"({"a": 1, "a": 2})",
                                 R"({"": 1})",
                                 R"({"a\nb": 1})",
                                 R"({"a": 1)",
                                 R"({"a": 1} x)",
                                 R"({"a": 1},)",
                                 R"({"a" 1})"}) {
    EXPECT_EQ(CodeOf(text), "report_malformed") << text;
  }
  EXPECT_EQ(CodeOf("{}"), "report_empty");
  EXPECT_EQ(CodeOf("[1]"), "report_unknown");
  EXPECT_EQ(CodeOf("0.8"), "report_unknown");
  EXPECT_EQ(CodeOf("<a/>"), "report_unknown");
}

TEST(Metrics, RefusesMoreThanItKeeps) {
  std::string text = "{";
  for (std::size_t i = 0; i <= kMaxMetrics; ++i) {
    text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  }
  EXPECT_EQ(CodeOf(text + "}"), "report_malformed");
}

TEST(Reports, RefuseMoreBytesThanAreRead) {
  EXPECT_EQ(CodeOf(std::string(kMaxReportBytes + 1, ' ')), "report_too_large");
}

}  // namespace
}  // namespace failgate
