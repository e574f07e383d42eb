#include "controller/deploylog/log_state.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

TimePoint At(const char* text) {
  return *ParseTime(text);
}

EnvironmentState FullState() {
  EnvironmentState state;
  state.sequence = 12;
  state.running = ReleaseName("churn-41");
  state.running_spec = "sha256:aa";
  state.since = At("2026-11-23T09:00:00Z");
  state.decided = Ordered{ReleaseName("churn-42"),
                          "sha256:bb",
                          "sha256:cc",
                          "1234",
                          At("2026-11-23T10:00:00.250Z"),
                          3,
                          false,
                          true};
  state.health = Health::kHealthy;
  state.drift = Drift::kDrifted;
  state.last = LastFact{"promoted", "", At("2026-11-23T10:00:00Z")};
  state.Remember(HistoryEntry{ReleaseName("churn-41"),
                              "sha256:aa",
                              "sha256:dd",
                              At("2026-11-23T09:00:00Z"),
                              DeploymentEnd::kHealthy});
  StandingApproval approval;
  approval.release = ReleaseName("churn-42");
  approval.person = Person{"Alice", "alice@example.com"};
  approval.record = "sha256:ee";
  approval.at = At("2026-11-23T09:30:00Z");
  approval.expires = At("2026-11-24T09:30:00Z");
  approval.request = "0193";
  state.approvals.push_back(approval);
  state.verdicts[ReleaseName("churn-42")] = "passed tests=pass";
  state.stopped = "the way back failed too";
  state.refused = "abcd";
  return state;
}

TEST(EnvironmentStateFile, ReadsBackWhatItWrote) {
  const std::string json = WriteJson(FullState());
  const auto read = ReadEnvironmentState(json);
  ASSERT_TRUE(read.has_value()) << read.error().text;
  EXPECT_EQ(WriteJson(*read), json);
  EXPECT_EQ(read->decided.attempt, 3);
  EXPECT_TRUE(read->decided.rollback);
  EXPECT_EQ(read->approvals.at(0).person.email, "alice@example.com");
}

TEST(EnvironmentStateFile, SaysNullWhenNothingRuns) {
  const std::string json = WriteJson(EnvironmentState{});
  EXPECT_NE(json.find("\"running\": null"), std::string::npos) << json;
  EXPECT_NE(json.find("\"decided\": null"), std::string::npos) << json;
  EXPECT_TRUE(ReadEnvironmentState(json).has_value());
}

TEST(EnvironmentStateFile, RefusesGarbageWithoutThrowing) {
  for (const char* json : {"", "{}", "[]", "null", "{\"sequence\": \"x\"}", "{\"sequence\":1"}) {
    EXPECT_FALSE(ReadEnvironmentState(json).has_value()) << json;
    EXPECT_FALSE(ReadProjectState(json).has_value()) << json;
    EXPECT_FALSE(ReadControllerState(json).has_value()) << json;
  }
}

TEST(ProjectStateFile, RefusesNumbersThatAreNotWholeOrCannotBeHeld) {
  const std::string json = WriteJson(ProjectState{7, 42, {"released", "", TimePoint{}}, {}});
  ASSERT_TRUE(ReadProjectState(json).has_value()) << json;
  for (const char* number :
       {"318446744073709551616", "18446744073709551615", "1e3", "7.5", "-7", "true"}) {
    std::string changed = json;
    changed.replace(changed.find("42"), 2, number);
    EXPECT_FALSE(ReadProjectState(changed).has_value()) << changed;
  }
}

TEST(EnvironmentStateFile, RemembersEachReleaseOnceAndAHundredAtMost) {
  EnvironmentState state;
  for (int round = 0; round < 2; ++round) {
    for (long number = 1; number <= 150; ++number) {
      state.Remember(HistoryEntry{MakeReleaseName(ProjectName("churn"), number),
                                  "",
                                  "",
                                  At("2026-11-23T09:00:00Z"),
                                  DeploymentEnd::kHealthy});
    }
  }
  EXPECT_EQ(state.history.size(), 100U);
  EXPECT_EQ(state.history.back().release.text(), "churn-150");
  EXPECT_EQ(state.LastEnd(ReleaseName("churn-1")), nullptr);
  EXPECT_NE(state.LastEnd(ReleaseName("churn-51")), nullptr);
}

TEST(LogPaths, SplitDecisionsAndNameRecords) {
  EXPECT_EQ(RecordPath(ProjectName("churn"), ReleaseName("churn-42")),
            "releases/churn/churn-42.json");
  EXPECT_EQ(EnvironmentPath(EnvironmentName("prod"), ProjectName("churn")), "prod/churn.json");
}

TEST(LogState, RemembersTheVerdictsOfTheNewestReleasesAndOfTheOneJustJudged) {
  EnvironmentState state;
  for (int number = 1; number <= 200; ++number) {
    EXPECT_TRUE(state.RememberVerdict(ReleaseName("churn-" + std::to_string(number)), "blocked"));
  }
  EXPECT_EQ(state.verdicts.size(), kVerdictsRemembered);
  EXPECT_FALSE(state.RememberVerdict(ReleaseName("churn-200"), "blocked"));
  EXPECT_TRUE(state.RememberVerdict(ReleaseName("churn-200"), "passed"));
  EXPECT_EQ(state.verdicts.count(ReleaseName("churn-137")), 1U);
  EXPECT_EQ(state.verdicts.count(ReleaseName("churn-136")), 0U);
  EXPECT_TRUE(state.RememberVerdict(ReleaseName("churn-5"), "blocked"));
  EXPECT_FALSE(state.RememberVerdict(ReleaseName("churn-5"), "blocked"));
  EXPECT_EQ(state.verdicts.size(), kVerdictsRemembered);
}

TEST(EnvironmentState, TellsOfApprovalFilesAndForgetsThoseOfTheOldestReleases) {
  EnvironmentState state;
  const auto path = [](std::size_t number) {
    return "approvals/prod/churn-" + std::to_string(number) + "/a@example.com.yaml";
  };
  for (std::size_t i = 1; i <= kApprovalFilesRemembered + 3; ++i) {
    state.TellApproval(path(i), ToldApproval{"file", "signature", i % 2 == 0 ? "no" : ""});
  }
  EXPECT_EQ(state.approval_files.size(), kApprovalFilesRemembered);
  EXPECT_EQ(state.approval_files.count(path(3)), 0U);
  EXPECT_EQ(state.approval_files.count(path(4)), 1U);
  state.approvals.push_back(StandingApproval{});
  state.approvals.back().file = path(4);
  const auto again = ReadEnvironmentState(WriteJson(state));
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(again->approval_files, state.approval_files);
  EXPECT_EQ(again->approvals.at(0).file, path(4));
  EXPECT_EQ(WriteJson(EnvironmentState{}).find("approval_files"), std::string::npos);
}

}  // namespace
}  // namespace failgate
