#include "policies/ladder.h"

#include <gtest/gtest.h>

#include "controller/base/text.h"

namespace failgate {
namespace {

Rung MakeRung(const std::string& name, const std::string& after = {}) {
  Rung rung;
  rung.name = EnvironmentName(name);
  if (!after.empty()) rung.after = EnvironmentName(after);
  rung.file = "environments/" + name + "/environment.yaml";
  return rung;
}

std::string OrderOf(const Ladder& ladder) {
  std::vector<std::string> names;
  for (const EnvironmentName& name : ladder.order) names.push_back(name.text());
  return Join(names, " ");
}

TEST(Ladder, FollowsAfterWhateverTheOrderOfTheFiles) {
  const Ladder ladder =
      BuildLadder({MakeRung("prod", "recette"), MakeRung("dev"), MakeRung("recette", "dev")});
  EXPECT_EQ(OrderOf(ladder), "dev recette prod");
  EXPECT_EQ(ladder.last.text(), "prod");
  EXPECT_TRUE(ladder.problems.empty());
}

TEST(Ladder, IsEmptyWithoutEnvironments) {
  const Ladder ladder = BuildLadder({});
  EXPECT_TRUE(ladder.order.empty());
  EXPECT_TRUE(ladder.last.empty());
}

TEST(Ladder, MayHaveBranchesAndTakesTheHighestAsTheLast) {
  const Ladder ladder = BuildLadder({MakeRung("dev"),
                                     MakeRung("demo", "dev"),
                                     MakeRung("recette", "dev"),
                                     MakeRung("prod", "recette")});
  EXPECT_EQ(OrderOf(ladder), "dev demo recette prod");
  EXPECT_EQ(ladder.last.text(), "prod");
}

TEST(Ladder, RefusesCirclesSelfAndUnknownAndKeepsTheRest) {
  const Ladder ladder = BuildLadder({MakeRung("dev"),
                                     MakeRung("self", "self"),
                                     MakeRung("a", "b"),
                                     MakeRung("b", "a"),
                                     MakeRung("lost", "nowhere"),
                                     MakeRung("prod", "dev")});
  EXPECT_EQ(ladder.problems.size(), 4U);
  EXPECT_EQ(ladder.last.text(), "prod");
  EXPECT_EQ(OrderOf(ladder).substr(0, 8), "dev prod");
  EXPECT_EQ(ladder.problems.at(EnvironmentName("self"))[0].text, "after: self names itself");
  EXPECT_EQ(ladder.problems.at(EnvironmentName("a"))[0].text,
            "after: leads in a circle: a after b after a");
  EXPECT_EQ(ladder.problems.at(EnvironmentName("lost"))[0].file,
            "environments/lost/environment.yaml");
}

TEST(Ladder, BlamesOnlyTheCircleItself) {
  const Ladder ladder =
      BuildLadder({MakeRung("a", "b"), MakeRung("b", "a"), MakeRung("above", "a")});
  EXPECT_EQ(ladder.problems.count(EnvironmentName("above")), 0U);
  EXPECT_EQ(ladder.problems.size(), 2U);
}

}  // namespace
}  // namespace failgate
