// What an auditor makes of the facts `held` and `resumed`, and what he does not believe.
#include <gtest/gtest.h>

#include "controller/deploylog/expected_state.h"

namespace failgate {
namespace {

const TimePoint kNine = *ParseTime("2026-11-30T09:00:00Z");

WrittenFact Written(FactKind kind, TimePoint at, std::vector<Trailer> trailers) {
  WrittenFact written;
  written.fact.kind = kind;
  written.fact.at = at;
  written.fact.trailers = std::move(trailers);
  written.sequence = 7;
  return written;
}

EnvironmentState HeldUntilTen() {
  EnvironmentState state;
  StandingHold hold;
  hold.by = Person{"Alice", "alice@example.com"};
  hold.reason = "the fair";
  hold.until = kNine + std::chrono::hours(1);
  hold.wanted = "8d1e";
  hold.at = kNine;
  state.hold = hold;
  return state;
}

struct Audited {
  EnvironmentState state;
  std::vector<AuditFinding> findings;
};

Audited Audit(const EnvironmentState& before, const WrittenFact& written) {
  Audited audited;
  audited.state = ExpectedState(before, EnvironmentState(), written, nullptr, audited.findings);
  return audited;
}

TEST(HoldAudit, MakesTheHoldOfItsFact) {
  const Audited audited = Audit(EnvironmentState(),
                                Written(FactKind::kHeld,
                                        kNine,
                                        {{"Requested-by", "Alice <alice@example.com>"},
                                         {"Reason", "the fair"},
                                         {"Until", "2026-11-30T10:00:00Z"},
                                         {"Healing", "off"},
                                         {"Wanted", "8d1e"}}));
  EXPECT_TRUE(audited.findings.empty());
  EnvironmentState expected = HeldUntilTen();
  expected.hold->healing = false;
  expected.sequence = 7;
  expected.last = LastFact{"held", "", kNine};
  EXPECT_EQ(WriteJson(audited.state), WriteJson(expected));
  EXPECT_EQ(WriteJson(*ReadEnvironmentState(WriteJson(expected))), WriteJson(expected));
}

TEST(HoldAudit, DoesNotBelieveAHoldThatNobodyAskedFor) {
  EXPECT_EQ(Audit(EnvironmentState(), Written(FactKind::kHeld, kNine, {})).findings.size(), 1U);
}

TEST(HoldAudit, BelievesAnEndByAPersonAndOneByItsTime) {
  const Trailer since{"Held", FormatTime(kNine)};
  const Audited person =
      Audit(HeldUntilTen(), Written(FactKind::kResumed, kNine, {since, {"Via", "api"}}));
  const Audited time = Audit(
      HeldUntilTen(),
      Written(FactKind::kResumed, kNine + std::chrono::hours(1), {since, {"Via", "automatic"}}));
  for (const Audited& audited : {person, time}) {
    EXPECT_TRUE(audited.findings.empty());
    EXPECT_FALSE(audited.state.hold.has_value());
  }
}

TEST(HoldAudit, DoesNotBelieveAnEndBeforeItsTimeOrOfAnotherHold) {
  const Trailer since{"Held", FormatTime(kNine)};
  const auto early = Written(FactKind::kResumed, kNine, {since, {"Via", "automatic"}});
  ASSERT_EQ(Audit(HeldUntilTen(), early).findings.size(), 1U);
  EXPECT_EQ(Audit(HeldUntilTen(), early).findings[0].kind, AuditKind::kOrphan);
  EnvironmentState endless = HeldUntilTen();
  endless.hold->until.reset();
  EXPECT_EQ(Audit(endless, early).findings.size(), 1U);
  EXPECT_EQ(Audit(EnvironmentState(), early).findings.size(), 1U);
  const auto other =
      Written(FactKind::kResumed, kNine, {{"Held", "2026-11-30T08:00:00Z"}, {"Via", "api"}});
  EXPECT_EQ(Audit(HeldUntilTen(), other).findings.size(), 1U);
}

}  // namespace
}  // namespace failgate
