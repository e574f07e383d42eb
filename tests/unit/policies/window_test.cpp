// Gate window against a clock that is read minute by minute.
#include "policies/gates/window.h"

#include <gtest/gtest.h>

#include <random>

#include "policies/evaluate.h"
#include "tests/unit/policies/policy_cases.h"

namespace failgate {
namespace {

constexpr Milliseconds kMinute = std::chrono::minutes(1);

Facts FactsAt(const std::string& time) {
  Facts facts = EmptyFacts();
  facts.now = *ParseTime(time);
  for (const char* zone : {"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"}) {
    facts.zones.push_back(CaseZone(zone));
  }
  return facts;
}

GateVerdict VerdictAt(const Policy& policy, Facts facts, TimePoint now) {
  facts.now = now;
  return Evaluate(policy, facts).verdicts.front();
}

std::string RandomWindow(std::mt19937& random) {
  const auto pick = [&random](int from, int to) {
    return std::uniform_int_distribution<int>(from, to)(random);
  };
  const char* zones[] = {"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"};
  const char* ranges[] = {"Mon-Thu 09:00-17:00",
                          "Sun 02:15-02:45",
                          "Sat-Mon 22:00-06:00",
                          "01:30-03:00",
                          "Sun",
                          "Mon 18:00-24:00"};
  const char* freezes[] = {"{from: 2026-03-28, to: 2026-03-29}",
                           "{from: \"2026-10-24 02:30\", to: \"2026-10-25 02:30\"}",
                           "{from: \"2026-03-29 02:30\", to: \"2026-03-29 12:00\"}",
                           "{from: 2026-10-26, to: 2026-10-27}"};
  std::string text = std::string("{timezone: ") + zones[pick(0, 3)] + ", allow: [\"" +
                     ranges[pick(0, 5)] + "\", \"" + ranges[pick(0, 5)] + "\"]";
  if (pick(0, 1) == 1) text += std::string(", freeze: [") + freezes[pick(0, 3)] + "]";
  return text + "}";
}

TEST(Window, OpensAtTheFirstMinuteThatPasses) {
  std::mt19937 random(1230);
  int waits = 0;
  for (int round = 0; round < 120; ++round) {
    const std::string floor = "gates: {window: " + RandomWindow(random) + "}";
    const std::string project =
        round % 3 == 0 ? "gates: {window: " + RandomWindow(random) + "}" : std::string();
    SCOPED_TRACE(floor + "\n" + project);
    const Parsed<Policy> policy = MergedPolicy(floor, project);
    ASSERT_TRUE(policy.has_value()) << Describe(policy.error());
    const Facts facts = FactsAt(round % 2 == 0 ? "2026-03-28T00:10:00Z" : "2026-10-24T00:10:00Z");
    const GateVerdict first = VerdictAt(*policy, facts, facts.now);
    if (first.verdict == Verdict::kPass || !first.until) continue;
    const TimePoint until = *first.until;
    if (until - facts.now > std::chrono::days(9)) continue;
    ++waits;
    ASSERT_EQ(VerdictAt(*policy, facts, until).verdict, Verdict::kPass);
    for (TimePoint time = facts.now; time < until; time += kMinute) {
      const GateVerdict verdict = VerdictAt(*policy, facts, time);
      ASSERT_EQ(verdict.verdict, Verdict::kWait) << FormatTime(time);
      ASSERT_EQ(verdict.until, until) << FormatTime(time);
    }
  }
  EXPECT_GT(waits, 60);
}

TEST(Window, AProjectOpensNeverWhereTheFloorIsClosed) {
  std::mt19937 random(77);
  int open = 0;
  for (int round = 0; round < 100; ++round) {
    const std::string floor_text = "gates: {window: " + RandomWindow(random) + "}";
    const Parsed<Policy> floor = MergedPolicy(floor_text, "");
    const Parsed<Policy> merged =
        MergedPolicy(floor_text, "gates: {window: " + RandomWindow(random) + "}");
    ASSERT_TRUE(floor.has_value() && merged.has_value());
    const Facts facts = FactsAt("2026-10-24T00:00:00Z");
    for (int minute = 0; minute < 7 * 24 * 60; minute += 97) {
      const TimePoint time = facts.now + minute * kMinute;
      if (VerdictAt(*merged, facts, time).verdict != Verdict::kPass) continue;
      ++open;
      ASSERT_EQ(VerdictAt(*floor, facts, time).verdict, Verdict::kPass) << FormatTime(time);
    }
  }
  EXPECT_GT(open, 100);
}

TEST(Window, WaitsOnRulesThatCannotBe) {
  const Parsed<Policy> policy =
      MergedPolicy("gates: {window: {timezone: UTC, allow: [\"*\"]}}", "");
  ASSERT_TRUE(policy.has_value());
  Facts facts = EmptyFacts();
  const auto verdict_with = [&](const std::vector<ZoneOffset>& offsets) {
    facts.zones = {ZoneFact{"UTC", true, facts.now - kMinute, facts.now + kMinute, offsets}};
    return Evaluate(*policy, facts).verdicts.front().verdict;
  };
  EXPECT_EQ(verdict_with({{facts.now - kMinute, 0}}), Verdict::kPass);
  EXPECT_EQ(verdict_with({}), Verdict::kWait);
  EXPECT_EQ(verdict_with({{facts.now, 0}}), Verdict::kWait);
  EXPECT_EQ(verdict_with({{facts.now - kMinute, 100'000}}), Verdict::kWait);
  EXPECT_EQ(verdict_with({{facts.now - kMinute, 0}, {facts.now - kMinute, 3600}}), Verdict::kWait);
  ZoneFact other = facts.zones.front();
  other.offsets = {{facts.now - kMinute, 0}};
  facts.zones.front().offsets = {{facts.now - kMinute, 3600}};
  facts.zones.push_back(other);
  EXPECT_EQ(Evaluate(*policy, facts).verdicts.front().verdict, Verdict::kFail);
}

}  // namespace
}  // namespace failgate
