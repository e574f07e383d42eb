#include "controller/deploylog/deployment_ends.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

HistoryEntry End(const std::string& release, const std::string& spec = "sha256:aa") {
  return HistoryEntry{ReleaseName(release),
                      spec,
                      "sha256:dd",
                      *ParseTime("2026-11-23T09:00:00.250Z"),
                      DeploymentEnd::kHealthy};
}

EnvironmentState With(const std::vector<HistoryEntry>& ends) {
  EnvironmentState state;
  for (const HistoryEntry& end : ends) {
    state.Remember(end);
  }
  return state;
}

TEST(DeploymentEnds, LieWhereNoStateDoes) {
  const EnvironmentName prod("prod");
  EXPECT_EQ(EndsPath(prod, ProjectName("churn"), ReleaseName("churn-42")),
            "prod/churn.ends/churn-42.json");
  EXPECT_NE(EndsFolder(prod, ProjectName("churn")),
            EnvironmentPath(prod, ProjectName("churn.ends")));
  EXPECT_EQ(ReleaseOfEndsFile("churn-42.json"), ReleaseName("churn-42"));
  for (const char* name : {"", ".json", "churn-42", "churn-42.txt", "below/churn-42.json"}) {
    EXPECT_EQ(ReleaseOfEndsFile(name), std::nullopt) << name;
  }
}

TEST(DeploymentEnds, ReadBackWhatTheyWrote) {
  std::vector<HistoryEntry> ends = {End("churn-42"), End("churn-42", "sha256:bb")};
  ends[0].order = 7;
  ends[1].order = 9;
  ends[1].end = DeploymentEnd::kRolledBack;
  ends[0].steady = *ParseTime("2026-11-23T09:05:00.001Z");
  ends[0].steady_until = *ParseTime("2026-11-23T09:06:00.002Z");
  const auto read = ReadEnds(ReleaseName("churn-42"), WriteEnds(ends));
  ASSERT_TRUE(read.has_value()) << read.error().text;
  EXPECT_EQ(*read, ends);
}

TEST(DeploymentEnds, OfFormerVersionsSayNothingOfSteadyTimes) {
  std::string text = WriteEnds({End("churn-42")});
  EXPECT_EQ(text.find("steady"), std::string::npos);
  EXPECT_EQ(ReadEnds(ReleaseName("churn-42"), text)->front().steady, std::nullopt);
  text.replace(text.find("\"spec\""), 6, "\"steady\": \"soon\", \"spec\"");
  EXPECT_FALSE(ReadEnds(ReleaseName("churn-42"), text).has_value());
}

TEST(DeploymentEnds, AreSteadyFromTheEndUntilADrift) {
  EnvironmentState state = With({End("churn-41"), End("churn-42")});
  const TimePoint now = *ParseTime("2026-11-23T10:00:00Z");
  state.decided.release = ReleaseName("churn-42");
  state.decided.spec = "sha256:aa";
  state.SetSteady(now);
  EXPECT_EQ(state.LastEnd(ReleaseName("churn-42"))->steady, now);
  EXPECT_EQ(state.LastEnd(ReleaseName("churn-41"))->steady, std::nullopt);
  const EnvironmentState before = state;
  state.SetSteady(std::nullopt);
  EXPECT_EQ(state.LastEnd(ReleaseName("churn-42"))->steady, std::nullopt);
  const EnvironmentState& after = state;
  EXPECT_EQ(ChangedEnds(before, after).size(), 1U);
  state.SetSteady(now);
  state.decided.release = ReleaseName("churn-43");
  state.decided.at = now + Milliseconds(5);
  state.EndSteadyOfOthers();
  EXPECT_EQ(state.LastEnd(ReleaseName("churn-42"))->steady_until, now + Milliseconds(5));
  EXPECT_EQ(state.LastEnd(ReleaseName("churn-41"))->steady_until, std::nullopt);
  state.decided.at = now + Milliseconds(9);
  state.EndSteadyOfOthers();
  EXPECT_EQ(state.LastEnd(ReleaseName("churn-42"))->steady_until, now + Milliseconds(5));
  state.decided.release = ReleaseName("churn-42");
  state.history.back().end = DeploymentEnd::kFailed;
  state.SetSteady(now + Milliseconds(1));
  EXPECT_EQ(state.history.back().steady, now);
}

TEST(DeploymentEnds, RefuseGarbageWithoutThrowing) {
  for (const char* json : {"", "[]", "{}", "{\"ends\": 1}", "{\"ends\": [{}]}"}) {
    EXPECT_FALSE(ReadEnds(ReleaseName("churn-42"), json).has_value()) << json;
  }
}

TEST(DeploymentEnds, AreWrittenWhereTheyChanged) {
  const EnvironmentState before = With({End("churn-1"), End("churn-2")});
  EXPECT_TRUE(ChangedEnds(before, before).empty());
  EnvironmentState after = before;
  after.Remember(End("churn-3"));
  after.history.erase(after.history.begin());
  const EndsFiles changed = ChangedEnds(before, after);
  ASSERT_EQ(changed.size(), 2U);
  EXPECT_EQ(changed.at(ReleaseName("churn-1")), std::nullopt);
  EXPECT_EQ(ReadEnds(ReleaseName("churn-3"), *changed.at(ReleaseName("churn-3")))->front(),
            after.history.back());
  EXPECT_EQ(after.history.back().order, 3);
}

TEST(DeploymentEnds, AreAllWrittenWhenTheyComeOutOfTheState) {
  EnvironmentState before = With({End("churn-1"), End("churn-2")});
  before.ends_inside = true;
  const auto former = ReadEnvironmentState(WriteJson(before));
  ASSERT_TRUE(former.has_value());
  EXPECT_TRUE(former->ends_inside);
  EXPECT_EQ(former->history, before.history);
  EnvironmentState after = *former;
  after.ends_inside = false;
  EXPECT_EQ(ChangedEnds(*former, after).size(), 2U);
  EXPECT_EQ(WriteJson(after).find("churn-1"), std::string::npos);
  EXPECT_TRUE(ReadEnvironmentState(WriteJson(after))->history.empty());
}

TEST(DeploymentEnds, StandInTheOrderTheyCameIn) {
  EnvironmentState state = With({End("churn-10"), End("churn-9"), End("churn-1")});
  state.Remember(End("churn-10"));
  std::vector<HistoryEntry> shuffled = {state.history[2], state.history[0], state.history[1]};
  SortEnds(shuffled);
  EXPECT_EQ(shuffled, state.history);
  EXPECT_EQ(shuffled.back().release, ReleaseName("churn-10"));
}

}  // namespace
}  // namespace failgate
