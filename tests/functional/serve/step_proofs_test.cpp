// Steps that run again, from the pipeline to the gates and the audit, in the program itself.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;

/// The code is a number, the tests say what it must be; `flaky` makes the second run differ.
constexpr const char* kPipeline = R"(project: shop
steps:
  - name: unit
    level: unit
    run: sh tests/run.sh
    reports: {tests: r.xml}
    repeat: shuffled
    regression: {tests: ["tests/**"]}
    artifacts: [{name: app, path: app}]
)";
constexpr const char* kTests = R"sh(
{ echo "<testsuite>"
  for wanted in $(cat tests/wanted); do
    echo "<testcase classname='app' name='is_at_least_$wanted'>"
    [ "$(cat app/number)" -ge "$wanted" ] || echo "<failure/>"
    echo "</testcase>"
  done
  if [ -e flaky ]; then echo "<testcase name='order_$FAILGATE_SHUFFLE_SEED'/>"; fi
  echo "</testsuite>"; } > r.xml
! grep -q failure r.xml
)sh";

class StepProofsOfTheProgram : public ::testing::Test {
 protected:
  ~StepProofsOfTheProgram() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  /// The release of the run that the push starts.
  std::string Release(Files files) {
    files["failgate.yaml"] = kPipeline;
    files["tests/run.sh"] = kTests;
    const CommitId head = world_.Push("shop", files);
    EXPECT_EQ(world_.SendWebhook("shop", head)->status, 202);
    return world_.AwaitRun("shop", head)["release"].get<std::string>();
  }
  void AwaitGate(const std::string& environment,
                 const std::string& release,
                 const std::string& gate,
                 const std::string& verdict,
                 const std::string& reason) {
    Json why;
    world_.WaitFor(gate + " " + verdict + " in " + environment, [&] {
      why = world_.Get(fmt::format("/api/v1/projects/shop/environments/{}/why", environment));
      if (!why.is_object() || why["release"] != release) return false;
      for (const Json& row : why["gates"]) {
        if (row["gate"] == gate && row["verdict"] == verdict) {
          EXPECT_THAT(row["reason"].get<std::string>(), HasSubstr(reason));
          return true;
        }
      }
      return false;
    });
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
};

TEST_F(
    StepProofsOfTheProgram,
    given_gates_on_repetition_and_new_tests_when_code_is_pushed_then_only_what_is_proved_enters) {
  world_.Push(
      "operations",
      {{"environments/dev/environment.yaml",
        "policy: deployment\ngates:\n  tests: {levels: [unit]}\n  regression_test: {when: "
        "fix}\n"},
       {"environments/recette/environment.yaml",
        "after: dev\npolicy: deployment\ngates:\n  repeatable: {steps: [unit], order: "
        "shuffled}\n"},
       {"environments/prod/environment.yaml", "after: recette\npolicy: deployment\ngates: none\n"}},
      "olga");
  world_.Start();
  const std::string first = Release({{"app/number", "1\n"}, {"tests/wanted", "1\n"}});
  world_.AwaitLive("shop", "prod", first);

  world_.Git(world_.work("shop"),
             {"-c",
              "user.name=Dana",
              "-c",
              "user.email=dana@example.com",
              "commit",
              "-q",
              "--allow-empty",
              "-m",
              "fix: the number"});
  const std::string untested = Release({{"app/number", "2\n"}});
  AwaitGate("dev", untested, "regression_test", "fail", "unit: no test differs from " + first);
  const std::string small = Release({{"app/more", "x\n"}});
  AwaitGate("dev", small, "regression_test", "fail", "unit: no test differs from " + first);

  const std::string tested = Release({{"app/number", "3\n"}, {"tests/wanted", "1\n3\n"}});
  world_.AwaitLive("shop", "prod", tested);
  EXPECT_THAT(world_.Facts("dev/"), Contains("deployed"));
  EXPECT_THAT(
      world_.Git(world_.CloneOperations("told"), {"log", "origin/deploy-log", "--", "dev/"}),
      HasSubstr(fmt::format("Gate: regression_test pass (unit: 1 tests fail on {} and pass "
                            "now: app.is_at_least_3)",
                            first)));

  const std::string flaky = Release({{"flaky", ""}});
  AwaitGate("recette", flaky, "repeatable", "fail", "unit: test case order_");
  world_.Kill();
  world_.Start();
  world_.AwaitLive("shop", "recette", tested);
  const CommandResult audit =
      world_.Cli({"audit", "verify", "--repo", world_.CloneOperations("audited").string()}, "");
  EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
}

}  // namespace
}  // namespace failgate
