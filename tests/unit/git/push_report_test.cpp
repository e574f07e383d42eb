#include "controller/git/push_report.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

struct Case {
  std::string line;
  std::optional<PushOutcome> outcome;
};

TEST(PushReport, TellsALostRaceFromARefusal) {
  const std::string ids = "\t" + std::string(40, 'a') + ":refs/heads/main\t";
  const std::vector<Case> cases = {
      {" " + ids + "111..222", PushOutcome::kPushed},
      {"+" + ids + "111...222 (forced update)", PushOutcome::kPushed},
      {"*" + ids + "[new branch]", PushOutcome::kPushed},
      {"=" + ids + "[up to date]", PushOutcome::kPushed},
      {"!" + ids + "[rejected] (stale info)", PushOutcome::kLostRace},
      {"!" + ids + "[rejected] (fetch first)", PushOutcome::kLostRace},
      {"!" + ids + "[remote rejected] (failed to update ref)", PushOutcome::kLostRace},
      {"!" + ids + "[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but expected 2)",
       PushOutcome::kLostRace},
      {"!" + ids + "[remote rejected] (incorrect old value provided)", PushOutcome::kLostRace},
      {"!" + ids + "[remote rejected] (pre-receive hook declined)", PushOutcome::kRefused},
      {"!" + ids + "[remote rejected] (protected branch hook declined)", PushOutcome::kRefused},
      {"!" + ids + "[remote rejected] (non-fast-forward)", PushOutcome::kRefused},
      {"!" + ids + "[remote failure] (remote failed to report status)", std::nullopt},
      {"!\t" + std::string(40, 'a') + ":refs/heads/other\t[rejected] (stale info)", std::nullopt},
      {"", std::nullopt}};
  for (const Case& example : cases) {
    const auto judged =
        JudgePushReport("To /x\n" + example.line + "\nDone\n", "refs/heads/main", "");
    ASSERT_EQ(judged.has_value(), example.outcome.has_value()) << example.line;
    if (judged) {
      EXPECT_EQ(judged->outcome, *example.outcome) << example.line;
    }
  }
}

TEST(PushReport, SaysTheReasonAndTheHooksWordsInOneLine) {
  const auto judged = JudgePushReport(
      "!\tabc:refs/heads/main\t[remote rejected] (hook declined)\n", "refs/heads/main", "no\nway");
  ASSERT_TRUE(judged.has_value());
  EXPECT_NE(judged->text.find("hook declined"), std::string::npos);
  EXPECT_NE(judged->text.find("no"), std::string::npos);
  EXPECT_EQ(judged->text.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace failgate
