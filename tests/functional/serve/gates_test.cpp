// Gates that look at the clock and at what runs proved, in the program itself.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class GatesOfTheProgram : public ::testing::Test {
 protected:
  ~GatesOfTheProgram() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }

  void PutEnvironment(const std::string& environment, const std::string& text) {
    world_.Push(
        "operations", {{"environments/" + environment + "/environment.yaml", text}}, "olga");
  }
  std::string PushToRecette(const std::string& text) {
    const Json run = world_.AwaitRun("shop", world_.PushAndTell({"shop", text}));
    const std::string release = run["release"].get<std::string>();
    world_.AwaitLive("shop", "recette", release);
    return release;
  }
  /// The gate's row of `why`; null when there is none.
  [[nodiscard]] Json Gate(const std::string& environment, const std::string& gate) {
    const Json why =
        world_.Get(fmt::format("/api/v1/projects/shop/environments/{}/why", environment));
    if (!why.is_object()) return {};
    for (const Json& each : why["gates"]) {
      if (each["gate"] == gate) return each;
    }
    return {};
  }
  void AwaitVerdict(const std::string& environment,
                    const std::string& gate,
                    const std::string& verdict) {
    world_.WaitFor(gate + " " + verdict + " in " + environment, [&] {
      const Json row = Gate(environment, gate);
      return row.is_object() && row["verdict"] == verdict;
    });
  }
  void RestartLater(std::chrono::seconds by) {
    world_.Stop();
    world_.server_environment = {{"FAILGATE_FAIL_CLOCK", std::to_string(by.count())}};
    world_.Start();
  }
  void ExpectAuditIsClean() {
    const CommandResult audit =
        world_.Cli({"audit", "verify", "--repo", world_.CloneOperations("audited").string()}, "");
    EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
};

std::string DateIn(std::chrono::days days) {
  return FormatTime(SystemClock().Now() + days).substr(0, 10);
}

TEST_F(GatesOfTheProgram,
       given_a_frozen_window_when_a_release_is_promoted_then_it_goes_in_once_the_window_opens) {
  PutEnvironment("prod",
                 fmt::format("after: recette\npolicy: delivery\ngates:\n"
                             "  window: {{timezone: Europe/Paris, freeze: [{{from: 2020-01-01, to: "
                             "{}, reason: fair}}]}}\n",
                             DateIn(std::chrono::days(2))));
  world_.Start();
  const std::string release = PushToRecette("one");
  const CommandResult promoted = world_.Cli({"promote", release, "prod"}, "alice");
  EXPECT_EQ(promoted.exit_code, 0) << promoted.err;
  AwaitVerdict("prod", "window", "wait");
  const Json row = Gate("prod", "window");
  EXPECT_THAT(row["reason"].get<std::string>(), HasSubstr("fair; opens "));
  EXPECT_TRUE(row["until"].is_string());
  EXPECT_FALSE(std::filesystem::exists(world_.live("prod", "shop")));
  RestartLater(std::chrono::days(4));
  world_.AwaitLive("shop", "prod", release);
  EXPECT_THAT(world_.Facts("prod/"), Contains("deployed"));
  ExpectAuditIsClean();
}

TEST_F(GatesOfTheProgram,
       given_a_soak_when_its_time_is_over_then_the_release_enters_prod_by_itself) {
  PutEnvironment("prod",
                 "after: recette\npolicy: deployment\ngates:\n"
                 "  soak: {in: recette, for: 6h, reserve: true}\n");
  world_.Start();
  const std::string release = PushToRecette("one");
  AwaitVerdict("prod", "soak", "wait");
  const CommitId newer = world_.PushAndTell({"shop", "two"});
  const std::string held = world_.AwaitRun("shop", newer)["release"].get<std::string>();
  world_.AwaitLive("shop", "dev", held);
  world_.WaitFor("the reservation is told", [&] {
    return world_.Cli({"why", "shop", "recette"}, "vera").out.find("reserved: " + release) !=
           std::string::npos;
  });
  RestartLater(std::chrono::hours(7));
  world_.AwaitLive("shop", "prod", release);
  world_.AwaitLive("shop", "recette", held);
  ExpectAuditIsClean();
}

TEST_F(GatesOfTheProgram,
       given_gates_on_what_runs_prove_when_a_release_is_made_then_its_own_evidence_decides) {
  PutEnvironment(
      "dev",
      "policy: deployment\ngates:\n"
      "  tests: {levels: [unit, functional], min: {unit: 2}, order: enforced, functional: "
      "given-when-then}\n"
      "  max_duration: {total: 30m, unit: 20m}\n"
      "  coverage: {changed_lines: 80}\n");
  PutEnvironment("recette",
                 "after: dev\npolicy: deployment\ngates:\n"
                 "  tests: {levels: [unit], usecases: [billing]}\n");
  world_.Start();
  const Json run = world_.AwaitRun("shop", world_.PushAndTell({"shop", "one"}));
  const std::string release = run["release"].get<std::string>();
  world_.AwaitLive("shop", "dev", release);
  AwaitVerdict("recette", "tests", "fail");
  EXPECT_THAT(Gate("recette", "tests")["reason"].get<std::string>(),
              HasSubstr("use case billing has no step"));
  EXPECT_THAT(world_.Facts("recette/"), Not(Contains("promoted")));
  ExpectAuditIsClean();
}

TEST_F(GatesOfTheProgram,
       given_gates_on_bytes_and_imports_when_a_release_breaks_one_then_it_stays_out_by_name) {
  PutEnvironment("recette",
                 "after: dev\npolicy: deployment\ngates:\n"
                 "  artifacts: {deny: [runs-code]}\n"
                 "  requirements:\n"
                 "    sets: [{paths: [\"src/**\"], file: requirements.txt}]\n"
                 "    dev: [dev.txt]\n");
  world_.Start();
  // `added` is put into the artifact, `code` imports.
  const auto release = [&](const std::string& added, const std::string& code) {
    Files files = FilesOf(SmallProject{"shop", code});
    std::string& pipeline = files["failgate.yaml"];
    const std::string sum = "sha256sum <";
    pipeline.insert(pipeline.find(sum), "cp added out/app/added\n      ");
    files["added"] = added;
    files["src/app.py"] = "import os\n" + code;
    files["requirements.txt"] = "PyYAML>=6\n";
    files["dev.txt"] = "pytest\n";
    const CommitId head = world_.Push("shop", files);
    EXPECT_TRUE(world_.SendWebhook("shop", head).has_value());
    const std::string name = world_.AwaitRun("shop", head)["release"].get<std::string>();
    world_.AwaitLive("shop", "dev", name);
    return name;
  };
  const std::string good = release("text\n", "import yaml\n");
  world_.AwaitLive("shop", "recette", good);
  release("N.", "import pytest\n");
  AwaitVerdict("recette", "artifacts", "fail");
  EXPECT_THAT(Gate("recette", "artifacts")["reason"].get<std::string>(),
              HasSubstr("app added is pickle, which runs code when it is loaded"));
  EXPECT_THAT(Gate("recette", "requirements")["reason"].get<std::string>(),
              HasSubstr("src/app.py:2: import pytest: only dev offers it"));
  world_.AwaitLive("shop", "recette", good);
  world_.AwaitLive("shop", "recette", release("more\n", "import yaml  # again\n"));
  ExpectAuditIsClean();
}

}  // namespace
}  // namespace failgate
