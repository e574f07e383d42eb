// Break-glass through the log: given, counted once, told, and proved.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class Override : public testing::Test {
 protected:
  Override() {
    world_.EditMain({{"environments/recette/environment.yaml",
                      "after: dev\npolicy: deployment\n"
                      "override: {from: [alice@example.com, bob@example.com]}\n"
                      "gates:\n  tests: {levels: [unit, functional]}\n  coverage: {lines: 80}\n"}},
                    "Let two people break the glass");
  }
  /// Its coverage keeps it out of recette.
  void ReleaseThin(const std::string& content) {
    world_.PassRun({5, 2, 50, content});
    world_.Turn();
    ASSERT_EQ(world_.Live("dev"), content);
    ASSERT_NE(world_.Live("recette"), content);
  }
  std::string Give(const std::string& release,
                   const std::string& gate = "coverage",
                   const std::string& email = "alice@example.com",
                   const std::string& expires = "2h") {
    return world_.Ask("override",
                      "recette",
                      release,
                      email,
                      Role::kApprover,
                      "the shop is down",
                      R"({"gate":")" + gate + R"(","expires":")" + expires + "\"}");
  }

  LadderWorld world_;
};

TEST_F(Override, LetsTheReleaseInOnceAndIsToldWithReviewAsked) {
  ReleaseThin("one");
  EXPECT_THAT(Give("app-1"), HasSubstr("coverage counts as passed for app-1 in recette once"));
  world_.Turn();
  EXPECT_EQ(world_.Live("recette"), "one");
  EXPECT_THAT(world_.Facts("recette"),
              AllOf(Contains("overridden app-1"), Contains("deployed app-1")));
  const Repository origin = Repository::Open(world_.operations.origin());
  LogFilter filter;
  filter.environment = EnvironmentName("recette");
  filter.limit = 1000;
  for (const LogEntry& entry : ReadHistory(origin, *origin.Ref(kDeployLogRef), filter)) {
    if (entry.written.fact.kind == FactKind::kOverridden) {
      EXPECT_EQ(entry.written.Value("Overridden-by"), "alice <alice@example.com>");
      EXPECT_EQ(entry.written.Value("Gate"), "coverage");
      EXPECT_EQ(entry.written.Value("Reason"), "the shop is down");
      EXPECT_EQ(entry.written.Value("Review"), "asked of bob@example.com");
    }
    if (entry.written.fact.kind == FactKind::kPromoted) {
      const auto& lines = entry.written.fact.trailers;
      EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const Trailer& line) {
        return line.first == "Gate" &&
               line.second.find("coverage pass (overridden by alice") != std::string::npos;
      }));
    }
  }
  ReleaseThin("two");
  EXPECT_EQ(world_.Live("recette"), "one") << "it was for one release";
  world_.ExpectProven();
}

TEST_F(Override, IsShownByWhyUntilItIsOver) {
  world_.PassRun({5, 0, 50, "one"});  // two gates stop it
  world_.Turn();
  EXPECT_THAT(Give("app-1"), HasSubstr("accepted"));
  const auto reason = [&] {
    for (const GateVerdict& verdict : world_.Why("recette").gates) {
      if (verdict.gate == "coverage") return Word(verdict.verdict) + " " + verdict.reason;
    }
    return std::string();
  };
  EXPECT_THAT(reason(), HasSubstr("pass overridden by alice <alice@example.com> until "));
  world_.clock.Advance(std::chrono::hours(3));
  world_.Turn();
  EXPECT_THAT(reason(), AllOf(HasSubstr("fail"), Not(HasSubstr("overridden"))));
  EXPECT_EQ(world_.Live("recette"), "");
  world_.ExpectProven();
}

TEST_F(Override, IsRefusedForPeopleGatesAndTimesThatMayNot) {
  ReleaseThin("one");
  EXPECT_THAT(Give("app-1", "coverage", "carol@example.com"), HasSubstr("not_listed"));
  EXPECT_THAT(Give("app-1", "coverage", "alice@example.com", "25h"), HasSubstr("bad_expires"));
  EXPECT_THAT(Give("app-1", "coverage", "alice@example.com", ""), HasSubstr("bad_expires"));
  EXPECT_THAT(Give("app-1", "soak"),
              AllOf(HasSubstr("no_such_gate"), HasSubstr("after, tests, coverage")));
  EXPECT_THAT(Give("app-1", "tests"), HasSubstr("nothing_to_override"));
  EXPECT_THAT(Give("app-9"), HasSubstr("not_found"));
  EXPECT_THAT(world_.Ask("override",
                         "dev",
                         "app-1",
                         "alice@example.com",
                         Role::kApprover,
                         "x",
                         R"({"gate":"tests","expires":"2h"})"),
              HasSubstr("not_listed"))
      << "dev lists nobody";
  EXPECT_THAT(world_.Facts("recette"), Not(Contains("overridden app-1")));
}

TEST_F(Override, IsRefusedWhereFactsAreMissingAndForExcept) {
  world_.PassRun({5, 0, 90, "one"});  // no functional test ran
  world_.Turn();
  EXPECT_THAT(Give("app-1", "tests"),
              AllOf(HasSubstr("not_overridable"), HasSubstr("what is not known")));
  ReleaseThin("two");
  world_.EditMain(
      {{"desired/recette/app.yaml", "except:\n  - {release: app-2, because: code, reason: bad}\n"}},
      "Except it");
  EXPECT_THAT(Give("app-2", "except"), HasSubstr("not_overridable"));
}

TEST_F(Override, StopsCountingWhenItsPersonIsTakenOffTheList) {
  world_.PassRun({5, 0, 50, "one"});
  world_.Turn();
  Give("app-1");
  world_.EditMain({{"environments/recette/environment.yaml",
                    "after: dev\npolicy: deployment\noverride: {from: [bob@example.com]}\n"
                    "gates:\n  coverage: {lines: 80}\n"}},
                  "Not Alice any more");
  world_.Turn();
  EXPECT_EQ(world_.Live("recette"), "");
  EXPECT_EQ(world_.Status("recette").state, "blocked");
  world_.ExpectProven();
}

}  // namespace
}  // namespace failgate
