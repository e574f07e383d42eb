#include "controller/store/fact_index.h"

#include <gtest/gtest.h>

#include "controller/base/durable_file.h"

namespace failgate {
namespace {

struct IndexWorld {
  TemporaryFolder folder;
  Database database{folder.path() / "failgate.db"};
  FactIndex index{database};
};

IndexedFact Row(int number, const std::string& fact, const std::string& environment = "") {
  return {CommitId(std::to_string(number)),
          fact,
          EnvironmentName(environment),
          ProjectName(number % 2 == 0 ? "even" : "odd")};
}

std::vector<std::string> Found(const FactIndex& index, const FactIndex::Query& query) {
  std::vector<std::string> found;
  for (const CommitId& commit : index.Find(query).value_or(std::vector<CommitId>())) {
    found.push_back(commit.text());
  }
  return found;
}

using Texts = std::vector<std::string>;

TEST(FactIndex, AnswersNewestFirstFromAnyPlace) {
  IndexWorld world;
  ASSERT_TRUE(world.index.Append(std::nullopt,
                                 {Row(1, "started"),
                                  Row(2, "released"),
                                  Row(3, "decided", "dev"),
                                  Row(4, "deployed", "dev"),
                                  Row(5, ""),
                                  Row(6, "decided", "prod")}));
  FactIndex::Query query;
  query.newest = CommitId("6");
  EXPECT_EQ(Found(world.index, query), (Texts{"6", "4", "3", "2", "1"}));
  query.environment = EnvironmentName("dev");
  EXPECT_EQ(Found(world.index, query), (Texts{"4", "3"}));
  query.project = ProjectName("odd");
  EXPECT_EQ(Found(world.index, query), (Texts{"3"}));
  query.environment = EnvironmentName();
  query.fact = "started";
  EXPECT_EQ(Found(world.index, query), (Texts{"1"}));
  query.project = ProjectName();
  query.fact = "decided";
  query.newest = CommitId("5");
  EXPECT_EQ(Found(world.index, query), (Texts{"3"}));
  query.fact.clear();
  query.limit = 2;
  EXPECT_EQ(Found(world.index, query), (Texts{"4", "3"}));
}

TEST(FactIndex, SaysWhenAPlaceIsUnknown) {
  IndexWorld world;
  FactIndex::Query query;
  query.newest = CommitId("1");
  EXPECT_FALSE(world.index.Find(query).has_value());
  EXPECT_FALSE(world.index.End().has_value());
  EXPECT_FALSE(world.index.NumberOf(CommitId("1")).has_value());
}

TEST(FactIndex, GrowsOnlyAtItsEnd) {
  IndexWorld world;
  ASSERT_TRUE(world.index.Append(std::nullopt, {Row(1, "started")}));
  EXPECT_FALSE(world.index.Append(std::nullopt, {Row(2, "released")}));
  const auto end = world.index.End();
  ASSERT_TRUE(world.index.Append(end, {Row(2, "released")}));
  EXPECT_FALSE(world.index.Append(end, {Row(3, "released")}));
  EXPECT_EQ(world.index.End()->number, 2);
  EXPECT_EQ(world.index.End()->commit, CommitId("2"));
  world.index.Clear();
  EXPECT_FALSE(world.index.End().has_value());
  EXPECT_TRUE(world.index.Append(std::nullopt, {Row(2, "released")}));
}

}  // namespace
}  // namespace failgate
