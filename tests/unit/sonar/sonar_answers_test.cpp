#include "controller/sonar/sonar_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "policies/sonar_facts.h"

namespace failgate {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

TEST(SonarAnalysesPage, IsReadWithItsRevisions) {
  const auto page = ReadSonarAnalyses(
      R"({"paging":{"pageIndex":1,"pageSize":100,"total":2},"analyses":[
          {"key":"AXk1","date":"2026-11-23T10:00:00+0100","events":[],"revision":"3f2c"},
          {"key":"AX_k-2","date":"x"}]})");
  ASSERT_TRUE(page);
  ASSERT_EQ(page->analyses.size(), 2U);
  EXPECT_EQ(page->total, 2);
  EXPECT_EQ(page->analyses[0].key, "AXk1");
  EXPECT_EQ(page->analyses[0].revision, CommitId("3f2c"));
  EXPECT_EQ(FormatTime(page->analyses[0].at.value()), "2026-11-23T09:00:00Z");
  EXPECT_TRUE(page->analyses[1].revision.empty());
  EXPECT_FALSE(page->analyses[1].at);
}

TEST(SonarAnalysesPage, IsRefusedInAnyOtherShape) {
  for (const char* wrong : {"",
                            "[]",
                            "{}",
                            "<html>",
                            R"({"analyses":[]})",
                            R"({"analyses":{},"paging":{"total":1}})",
                            R"({"analyses":[],"paging":{"total":-1}})",
                            R"({"analyses":[],"paging":{"total":"1"}})",
                            R"({"analyses":[1],"paging":{"total":1}})",
                            R"({"analyses":[{}],"paging":{"total":1}})",
                            R"({"analyses":[{"key":"../../x"}],"paging":{"total":1}})",
                            R"({"analyses":[{"key":"a&projectKey=b"}],"paging":{"total":1}})",
                            R"({"analyses":[{"key":7}],"paging":{"total":1}})"}) {
    EXPECT_FALSE(ReadSonarAnalyses(wrong)) << wrong;
  }
  EXPECT_FALSE(ReadSonarAnalyses(std::string(100'000, '[')));
}

TEST(SonarStatus, NamesTheConditionsThatAreNotMet) {
  const auto status = ReadSonarStatus(
      R"({"projectStatus":{"status":"ERROR","conditions":[
          {"status":"OK","metricKey":"bugs","comparator":"GT","errorThreshold":"0","actualValue":"0"},
          {"status":"ERROR","metricKey":"new_coverage","comparator":"LT","errorThreshold":"80","actualValue":"71.2"},
          {"status":"ERROR","metricKey":"blocker_violations","comparator":"GT","errorThreshold":"0"}],
          "periods":[],"ignoredConditions":false}})");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->status, "ERROR");
  EXPECT_THAT(
      status->failed,
      ElementsAre("blocker_violations without a value is over 0", "new_coverage 71.2 is under 80"));
  EXPECT_EQ(status->more_failed, 0);
}

TEST(SonarStatus, ListsAFewConditionsAndCountsTheRest) {
  json conditions = json::array();
  for (int i = 0; i < 25; ++i) {
    conditions.push_back({{"status", "ERROR"}, {"metricKey", "m\n" + std::string(300, 'x')}});
  }
  const auto status = ReadSonarStatus(
      json{{"projectStatus", {{"status", "ERROR"}, {"conditions", conditions}}}}.dump());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->failed.size(), kMaxSonarConditions);
  EXPECT_EQ(status->more_failed, 15);
  for (const std::string& text : status->failed) {
    EXPECT_LT(text.size(), 300U);
    EXPECT_EQ(text.find('\n'), std::string::npos);
  }
}

TEST(SonarStatus, IsRefusedInAnyOtherShape) {
  for (const char* wrong : {"",
                            "[]",
                            "{}",
                            R"({"projectStatus":[]})",
                            R"({"projectStatus":{}})",
                            R"({"projectStatus":{"status":1}})",
                            R"({"projectStatus":{"status":"OK\n"}})",
                            R"({"projectStatus":{"status":"OK","conditions":{}}})",
                            R"({"projectStatus":{"status":"OK","conditions":["x"]}})"}) {
    EXPECT_FALSE(ReadSonarStatus(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace failgate
