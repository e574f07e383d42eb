// What steps say of the table they read.
#include <gtest/gtest.h>

#include "controller/base/text.h"
#include "controller/evidence/evidence.h"
#include "controller/evidence/report.h"

namespace failgate {
namespace {

constexpr const char* kTable =
    R"({"rows": 10, "columns": {"age": {"type": "int64", "nulls": 1}, "plan": {"type": "text", "nulls": 0}}})";

Report Read(const std::string& text) {
  const Result<Report> report = ReadReport(text, ReportKind::kData);
  EXPECT_TRUE(report.has_value()) << report.error().text;
  return report ? *report : Report();
}

std::string WhyNot(const std::string& text) {
  const Result<Report> report = ReadReport(text, ReportKind::kData);
  return report ? "" : report.error().text;
}

StepReports Step(const std::string& name, std::vector<Report> reports) {
  StepReports step;
  step.name = name;
  step.level = "train";
  step.state = EvidenceState::kPassed;
  step.reports = std::move(reports);
  step.data = DataObjects{2, 30};
  return step;
}

TEST(DataReport, HoldsRowsAndColumns) {
  const DataTable wanted{10, {{"age", DataColumn{"int64", 1}}, {"plan", DataColumn{"text", 0}}}};
  EXPECT_EQ(Read(kTable).data, wanted);
}

TEST(DataReport, IsRefusedForAnythingElse) {
  EXPECT_NE(WhyNot("[1]").find("not a data report"), std::string::npos);
  EXPECT_NE(WhyNot("{\"rows\": 1, \"columns\": {}}").find("names no column"), std::string::npos);
  for (const char* text : {"{}",
                           R"({"rows": 1})",
                           R"({"rows": -1, "columns": {"a": {"type": "t", "nulls": 0}}})",
                           R"({"rows": 1.5, "columns": {"a": {"type": "t", "nulls": 0}}})",
                           R"({"rows": 1, "columns": {"a": {"type": "t", "nulls": 2}}})",
                           R"({"rows": 1, "columns": {"a": {"type": "", "nulls": 0}}})",
                           R"({"rows": 1, "columns": {"a": {"nulls": 0}}})",
                           R"({"rows": 1, "columns": {"a": {"type": "t"}}})",
                           R"({"rows": 1, "columns": {"a": {"type": "t", "nulls": 0, "mean": 1}}})",
                           R"({"rows": 1, "columns": {"a": {"type": "t", "nulls": 0}}, "more": 1})",
                           R"({"rows": 1, "rows": 2, "columns": {"a": {"type": "t", "nulls": 0}}})",
                           R"({"rows": 1, "columns": {"": {"type": "t", "nulls": 0}}})"}) {
    EXPECT_NE(WhyNot(text), "") << text;
  }
}

TEST(DataEvidence, IsThatOfTheRun) {
  const Result<Evidence> evidence =
      CollectEvidence({Step("train", {Read(kTable)}), Step("check", {Read(kTable)})});
  ASSERT_TRUE(evidence.has_value());
  EXPECT_EQ(evidence->data->objects, (DataObjects{2, 30}));
  EXPECT_EQ(evidence->data->table->rows, 10);
}

TEST(DataEvidence, IsRefusedWhenTwoReportsDiffer) {
  const Result<Evidence> evidence = CollectEvidence(
      {Step("train", {Read(kTable)}),
       Step("check", {Read(R"({"rows": 9, "columns": {"age": {"type": "int64", "nulls": 1}}})")})});
  ASSERT_FALSE(evidence.has_value());
  EXPECT_EQ(evidence.error().code, "data_conflict");
}

TEST(DataEvidence, IsNotToldWhenOneStepRecordedNothing) {
  StepReports old = Step("old", {});
  old.data.reset();
  EXPECT_FALSE(CollectEvidence({Step("train", {}), old})->data.has_value());
  old.state = EvidenceState::kSkipped;
  EXPECT_TRUE(CollectEvidence({Step("train", {}), old})->data->objects.has_value());
}

}  // namespace
}  // namespace failgate
