// Programs of the operations repository that look at a release: before it is let in, after it was
// deployed, and as a gate of their own.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCompare = R"sh(set -e
new=$(cat "$FAILGATE_CANDIDATE/app/score")
old=0
if [ -n "${FAILGATE_CHAMPION:-}" ]; then old=$(cat "$FAILGATE_CHAMPION/app/score"); fi
test ! -e shop.yaml
test ! -e environment.yaml
mkdir -p out
printf '{"score": %s}' "$new" > out/m.json
echo "score $new, champion $old"
test "$new" -ge "$old"
)sh";

/// Slow above 100, so that a test can come in between.
constexpr const char* kSmoke = R"sh(set -e
score=$(cat "$FAILGATE_PATH/app/score")
if [ "$score" -gt 100 ]; then sleep 4; fi
mkdir -p out
printf '<testsuite name="s" tests="1"><testcase classname="s" name="given_it_runs_when_asked_then_it_answers"/></testsuite>' > out/s.xml
echo "score $score"
test "$score" -ge 60
)sh";

class Checked : public ::testing::Test {
 protected:
  ~Checked() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  void Begin(const Files& more, const std::string& recette = "") {
    Files files = more;
    if (!recette.empty()) {
      files["environments/recette/shop.yaml"] =
          DeploymentFile(world_.folder() / "live", "recette", "shop") + recette;
    }
    world_.Push("operations", files, "alice");
    world_.Start();
  }
  /// A release whose artifact says this score, live in dev.
  void Release(int score, const std::string& name) {
    Files files = FilesOf(SmallProject{"shop", fmt::format("score {}", score)});
    files["score"] = std::to_string(score);
    std::string& pipeline = files["failgate.yaml"];
    const std::string sum = "sha256sum <";
    pipeline.insert(pipeline.find(sum), "cp score out/app/score\n      ");
    const CommitId head = world_.Push("shop", files);
    ASSERT_TRUE(world_.SendWebhook("shop", head).has_value());
    world_.AwaitRun("shop", head);
    world_.AwaitLive("shop", "dev", name);
  }
  void AwaitState(const std::string& state) {
    world_.WaitFor("recette is " + state,
                   [&] { return world_.Status("shop", "recette")["state"] == state; });
  }
  [[nodiscard]] std::string Why(const std::string& environment) const {
    const CommandResult why = world_.Cli({"why", "shop", environment}, "olga");
    return why.out + why.err;
  }
  [[nodiscard]] Installation::Json Audit() const {
    const auto clone = world_.CloneOperations(fmt::format("audited-{}", ++clones_));
    const CommandResult audit =
        world_.Cli({"audit", "verify", "--repo", clone.string(), "--output", "json"}, "");
    EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
    return Installation::Json::parse(audit.out, nullptr, false);
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
  mutable int clones_ = 0;
};

TEST_F(Checked, given_a_worse_release_when_compared_with_what_runs_then_it_is_not_let_in) {
  Begin({{"environments/recette/compare.sh", kCompare}},
        "checks:\n  before:\n"
        "    - {name: compare, run: sh compare.sh, reports: {metrics: out/m.json}, timeout: 1m}\n");
  Release(90, "shop-1");
  world_.AwaitLive("shop", "recette", "shop-1");
  Release(80, "shop-2");
  AwaitState("blocked");
  EXPECT_THAT(Why("recette"), HasSubstr("check compare failed"));
  EXPECT_THAT(Why("recette"), HasSubstr("score 80, champion 90"));
  const auto checks = world_.Get("/api/v1/projects/shop/environments/recette/checks");
  ASSERT_EQ(checks.size(), 2U) << checks;
  EXPECT_EQ(checks[0]["state"], "failed");
  EXPECT_EQ(checks[1]["state"], "passed");
  EXPECT_EQ(checks[1]["metrics"]["score"], 90);
  EXPECT_THAT(world_.Cli({"checks", "shop", "recette"}, "vera").out, HasSubstr("compare"));
  EXPECT_EQ(world_.Cli({"checks", "shop", "recette", "--log", "compare"}, "vera").out,
            "score 80, champion 90\n");
  EXPECT_EQ(world_.Cli({"checks", "shop", "recette", "--log", "other"}, "vera").exit_code, 1);
  EXPECT_EQ(world_
                .Fetch("/api/v1/projects/shop/environments/dev/checks/" +
                       checks[0]["id"].get<std::string>() + "/log")
                ->status,
            404)
      << "of another environment";
  world_.AwaitLive("shop", "recette", "shop-1");
  Release(95, "shop-3");
  world_.AwaitLive("shop", "recette", "shop-3");
  const auto clone = world_.CloneOperations("told");
  EXPECT_THAT(world_.Git(clone, {"log", "origin/deploy-log", "--", "recette/"}),
              HasSubstr("Gate: checks pass (compare: score 95)"));
  const auto audit = Audit();
  EXPECT_EQ(audit["ok"], true);
  EXPECT_GE(audit["attested"].get<int>(), 3);
}

TEST_F(Checked, given_changed_checks_when_they_failed_before_then_they_run_again) {
  Begin({{"environments/recette/compare.sh", "echo too strict; exit 3\n"}},
        "checks: {before: [{name: compare, run: sh compare.sh}]}\n");
  Release(90, "shop-1");
  AwaitState("blocked");
  EXPECT_THAT(Why("recette"), HasSubstr("too strict"));
  world_.Push("operations", {{"environments/recette/compare.sh", "exit 0\n"}}, "alice");
  world_.AwaitLive("shop", "recette", "shop-1");
}

TEST_F(Checked, given_a_check_after_a_deployment_when_it_fails_then_the_former_release_comes_back) {
  Begin({{"environments/recette/smoke.sh", kSmoke}},
        "checks:\n  after:\n"
        "    - {name: smoke, run: sh smoke.sh, reports: {tests: out/s.xml}}\n");
  Release(90, "shop-1");
  world_.AwaitLive("shop", "recette", "shop-1");
  Release(50, "shop-2");
  world_.WaitFor("shop-2 is given up", [&] {
    const auto facts = world_.Facts("recette/");
    return std::count(facts.begin(), facts.end(), "failed") +
               std::count(facts.begin(), facts.end(), "rolled-back") >
           0;
  });
  world_.AwaitLive("shop", "recette", "shop-1");
  const auto clone = world_.CloneOperations("told");
  const std::string log = world_.Git(clone, {"log", "origin/deploy-log", "--", "recette/"});
  EXPECT_THAT(log, HasSubstr("Check: smoke pass (functional 1)"));
  EXPECT_THAT(log, HasSubstr("check smoke failed"));
  EXPECT_THAT(log, HasSubstr("score 50"));
  EXPECT_THAT(log, Not(HasSubstr("deployed shop-2")));
  // The next rung rests on it.
  EXPECT_EQ(world_.Cli({"promote", "shop-2", "prod"}, "alice").exit_code, 3);
  EXPECT_EQ(Audit()["ok"], true);
}

TEST_F(Checked,
       given_a_check_that_runs_when_the_controller_is_killed_then_it_ends_as_it_would_have) {
  Begin({{"environments/recette/smoke.sh", kSmoke}},
        "checks:\n  after:\n"
        "    - {name: smoke, run: sh smoke.sh, reports: {tests: out/s.xml}}\n");
  Release(110, "shop-1");
  world_.WaitFor("the check runs", [&] {
    return world_.Status("shop", "recette")["state"] == "deploying" &&
           std::filesystem::exists(world_.live("recette", "shop"));
  });
  EXPECT_THAT(world_.Facts("recette/"), Not(Contains("deployed")));
  world_.Kill();
  world_.Start();
  world_.WaitFor("it is a success", [&] {
    const auto facts = world_.Facts("recette/");
    return std::count(facts.begin(), facts.end(), "deployed") == 1;
  });
  EXPECT_EQ(Audit()["ok"], true);
}

TEST_F(Checked, given_a_command_that_answers_garbage_when_asked_then_nothing_passes) {
  std::string recette = LadderFiles().at("environments/recette/environment.yaml");
  recette += "  command: {name: risk, run: sh gate.sh}\n";
  const std::string gate = "environments/recette/gate.sh";
  Begin({{"environments/recette/environment.yaml", recette}, {gate, "echo pass\n"}});
  Release(90, "shop-1");
  AwaitState("blocked");
  EXPECT_THAT(Why("recette"), HasSubstr("no answer that counts"));
  struct Answer {
    std::string script;
    std::string says;  ///< only of this one
  };
  const std::vector<Answer> bad = {
      {"echo '{\"verdict\": \"pass\", \"reason\": \"x\"}'; exit 7\n", "exit code 7"},
      {"echo '{\"verdict\": \"passed\", \"reason\": \"x\"}'\n", "none of pass, fail, wait"},
      {"echo '{\"verdict\": \"pass\", \"reason\": \"x\", \"of\": \"shop-9\"}'\n", "unknown key"},
      {"echo '{\"verdict\": \"pass\"}'\n", "reason"},
      {"ln -s \"$FAILGATE_FACTS\" x; rm \"$FAILGATE_ANSWER\"; exit 0\n", "was not written"}};
  for (const Answer& answer : bad) {
    world_.Push("operations", {{gate, answer.script}}, "alice");
    world_.WaitFor("the answer is refused: " + answer.says, [&] {
      const std::string why = Why("recette");
      return why.find("no answer that counts") != std::string::npos &&
             why.find(answer.says) != std::string::npos;
    });
    EXPECT_FALSE(std::filesystem::exists(world_.live("recette", "shop"))) << answer.script;
  }
  AwaitState("blocked");
  world_.Push("operations",
              {{gate,
                "grep -q '\"release\": \"shop-1\"' || exit 4\n"
                "printf '{\"verdict\": \"pass\", \"reason\": \"risk 0.2\"}'\n"}},
              "alice");
  world_.AwaitLive("shop", "recette", "shop-1");
  const auto clone = world_.CloneOperations("told");
  EXPECT_THAT(world_.Git(clone, {"log", "origin/deploy-log", "--", "recette/"}),
              HasSubstr("Gate: command:risk pass (risk 0.2)"));
  const auto audit = Audit();
  EXPECT_EQ(audit["ok"], true);
  EXPECT_GE(audit["attested"].get<int>(), 2);
}

}  // namespace
}  // namespace failgate
