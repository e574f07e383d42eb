#include "controller/promotion/project_deployment.h"

#include <gtest/gtest.h>

#include "controller/base/digest.h"

namespace failgate {
namespace {

ProjectDeployment Read(const std::string& text) {
  return ReadProjectDeployment(EnvironmentName("prod"),
                               ProjectName("churn"),
                               PolicyFile{"environments/prod/churn.yaml", ObjectId(), text});
}

const std::string kStep = "deploy: [{name: m, directory: {path: /srv/m, artifacts: [model]}}]\n";

TEST(ProjectDeployment, ReadsEverythingThisVersionHas) {
  const ProjectDeployment read = Read(
      "gates: {coverage: {lines: 80}}\n"
      "deploy:\n"
      "  - name: model\n"
      "    directory:\n"
      "      path: /srv/churn/model\n"
      "      artifacts: [model, tokenizer]\n"
      "      health: {command: ./check.sh, timeout: 5s}\n"
      "  - name: docs\n"
      "    directory: {path: /srv/churn/docs, artifacts: [docs]}\n"
      "    health: {http: \"http://127.0.0.1:8080/health\"}\n"
      "drift: {every: 30s, heal: false, ignore: [], prune: false, full: 12h}\n"
      "on_failure: stay\n");
  ASSERT_TRUE(read.problems.empty()) << Describe(read.problems);
  ASSERT_EQ(read.deploy.size(), 2U);
  EXPECT_EQ(read.deploy[0].directory.artifacts, (std::vector<std::string>{"model", "tokenizer"}));
  EXPECT_EQ(read.deploy[0].health->kind, HealthCheck::Kind::kCommand);
  EXPECT_EQ(read.deploy[0].health->timeout, Milliseconds(5000));
  EXPECT_EQ(read.deploy[1].health->value, "http://127.0.0.1:8080/health");
  EXPECT_EQ(read.drift,
            (DriftSettings{Milliseconds(30'000), false, Milliseconds(12L * 3600 * 1000)}));
  EXPECT_EQ(read.on_failure, OnFailure::kStay);
}

TEST(ProjectDeployment, HasSafeDefaults) {
  const ProjectDeployment read = Read(kStep);
  ASSERT_TRUE(read.problems.empty()) << Describe(read.problems);
  EXPECT_EQ(read.drift, DriftSettings{});
  EXPECT_EQ(read.on_failure, OnFailure::kRollback);
  EXPECT_EQ(read.gates, nullptr);
}

struct Refused {
  const char* text;
  const char* says;
};

TEST(ProjectDeployment, RefusesWithPlaceAndReason) {
  const std::vector<Refused> cases = {
      {"", "needs \"deploy\""},
      {"deploy: []\n", "1:9: deploy must be a list of at least one step"},
      {"deploy: {name: x}\n", "1:9: deploy must be a list"},
      {"deploy: [~]\n", "deploy[0] needs \"name\""},
      {"deploy: [x]\n", "1:10: deploy[0] must be a mapping"},
      {"deploy: [{name: m}]\n", "deploy[0] needs a target: directory"},
      {"deploy: [{name: m, directory: }]\n", "deploy[0] needs a target: directory"},
      {"deploy: [{name: M, directory: {path: /a, artifacts: [x]}}]\n", "1:17: deploy[0].name"},
      {"deploy: [{directory: {path: /a, artifacts: [x]}}]\n", "deploy[0] needs \"name\""},
      {"deploy: [{name: m, directry: {path: /a}}]\n", "did you mean \"directory\"?"},
      {"deploy: [{name: m, directory: {path: /a}}]\n", "needs \"artifacts\""},
      {"deploy: [{name: m, directory: {artifacts: [x]}}]\n", "needs \"path\""},
      {"deploy: [{name: m, directory: {path: a, artifacts: [x]}}]\n", "must be an absolute path"},
      {"deploy: [{name: m, directory: {path: /, artifacts: [x]}}]\n", "must be an absolute path"},
      {"deploy: [{name: m, directory: {path: /a/, artifacts: [x]}}]\n", "absolute path"},
      {"deploy: [{name: m, directory: {path: /a/../b, artifacts: [x]}}]\n", "absolute path"},
      {"deploy: [{name: m, directory: {path: //a, artifacts: [x]}}]\n", "absolute path"},
      {"deploy: [{name: m, directory: {path: [/a], artifacts: [x]}}]\n", "must be a text"},
      {"deploy: [{name: m, directory: {path: /a, artifacts: []}}]\n", "at least one artifact"},
      {"deploy: [{name: m, directory: {path: /a, artifacts: x}}]\n", "at least one artifact"},
      {"deploy: [{name: m, directory: {path: /a, artifacts: [../x]}}]\n", "is no artifact name"},
      {"deploy: [{name: m, directory: {path: /a, artifacts: [x, x]}}]\n", "written twice"},
      {"deploy: [{name: m, directory: {path: /a, artifacts: [\"${{ x }}\"]}}]\n",
       "${{ }} in target settings is not available in this version"},
      {"deploy: [{name: m, skip_if: \"x\", directory: {path: /a, artifacts: [x]}}]\n",
       "deploy[0].skip_if is not available in this version"},
      {"deploy:\n  - {name: a, directory: {path: /a, artifacts: [x]}}\n"
       "  - {name: a, directory: {path: /b, artifacts: [x]}}\n",
       "3:5: deploy[1]: the name a is taken by deploy[0]"},
      {"deploy:\n  - {name: a, directory: {path: /a, artifacts: [x]}}\n"
       "  - {name: b, directory: {path: /a/b, artifacts: [x]}}\n",
       "3:5: deploy[1]: /a/b is (or lies in) the directory of deploy[0]"}};
  for (const Refused& one : cases) {
    const ProjectDeployment read = Read(one.text);
    EXPECT_NE(Describe(read.problems).find(one.says), std::string::npos)
        << one.text << Describe(read.problems);
  }
}

TEST(ProjectDeployment, RefusesBesideTheSteps) {
  const std::vector<Refused> cases = {
      {"checks: {befor: []}\n", "2:10: checks: unknown key \"befor\": did you mean \"before\"?"},
      {"drift: {ignore: [\"*.log\"]}\n", "2:17: drift.ignore is not available in this version"},
      {"drift: {ignore: x}\n", "drift.ignore: must be a list"},
      {"drift: {prune: true}\n", "2:16: drift.prune: true is not available in this version"},
      {"drift: {every: often}\n", "is not a duration"},
      {"drift: {every: 2h, full: 1h}\n", "full must not be shorter than every"},
      {"drift: {evry: 1m}\n", "did you mean \"every\"?"},
      {"on_failure: explode\n", "2:13: on_failure"},
      {"on_failur: stay\n", "2:1: unknown key \"on_failur\": did you mean \"on_failure\"?"},
      {"gates: {idempotence: {}}\n", "2:9: unknown gate \"idempotence\""},
      {"gates: {tests: {level: [unit]}}\n", "did you mean \"levels\"?"}};
  for (const Refused& one : cases) {
    const ProjectDeployment read = Read(kStep + one.text);
    EXPECT_EQ(read.problems.size(), 1U) << one.text << Describe(read.problems);
    EXPECT_NE(Describe(read.problems).find(one.says), std::string::npos)
        << one.text << Describe(read.problems);
  }
}

TEST(ProjectDeployment, RefusesEveryTargetThatIsNotBuilt) {
  for (const char* target : {"docker",
                             "compose",
                             "kubernetes",
                             "terraform",
                             "ansible",
                             "ecs",
                             "airflow",
                             "jupyterhub",
                             "process",
                             "plugin"}) {
    const ProjectDeployment read =
        Read("deploy:\n  - name: x\n    " + std::string(target) + ": {a: b}\n");
    ASSERT_EQ(read.problems.size(), 1U) << Describe(read.problems);
    EXPECT_EQ(Describe(read.problems[0]),
              "environments/prod/churn.yaml:3:5: deploy[0]." + std::string(target) +
                  " is not available in this version of failgate: remove it (this version deploys "
                  "to: directory, mlflow)");
  }
}

TEST(ProjectDeployment, RefusesHealthChecksThatCannotWork) {
  const std::vector<Refused> cases = {{"", "needs exactly one of command, http, tcp"},
                                      {"{}", "needs exactly one"},
                                      {"x", "health must be a mapping"},
                                      {"{command: a, tcp: \"b:1\"}", "needs exactly one"},
                                      {"{command: \" \"}", "must not be empty"},
                                      {"{http: localhost}", "must be a URL"},
                                      {"{http: \"http://\"}", "must be a URL"},
                                      {"{http: \"http:///x\"}", "must be a URL"},
                                      {"{http: \"ftp://x\"}", "must be a URL"},
                                      {"{http: \"http://a b\"}", "must be a URL"},
                                      {"{http: \"http://u:p@h/\"}", "must not carry credentials"},
                                      {"{tcp: localhost}", "must be host:port"},
                                      {"{tcp: \"localhost:0\"}", "must be host:port"},
                                      {"{tcp: \"localhost:70000\"}", "must be host:port"},
                                      {"{tcp: \":80\"}", "must be host:port"},
                                      {"{command: a, timeout: 2h}", "must be at most 1h"},
                                      {"{command: a, retries: 2}", "unknown key"}};
  for (const Refused& one : cases) {
    const ProjectDeployment read = Read(
        "deploy:\n  - name: m\n    directory:\n      path: /a\n      artifacts: [x]\n"
        "      health: " +
        std::string(one.text) + "\n");
    EXPECT_NE(Describe(read.problems).find(one.says), std::string::npos) << one.text << "\n"
                                                                         << Describe(read.problems);
  }
  EXPECT_NE(
      Describe(Read("deploy: [{name: m, directory: {path: /a, artifacts: [x], health: {command: "
                    "a}}, health: {command: b}}]\n")
                   .problems)
          .find("health is written twice"),
      std::string::npos);
}

TEST(SpecDigest, ChangesWithWhatIsDeployedAndNothingElse) {
  const std::string base = SpecDigest(Read(kStep));
  EXPECT_TRUE(IsSha256Reference(base));
  EXPECT_EQ(SpecDigest(Read("# a comment\n" + kStep +
                            "gates: {coverage: {lines: 1}}\n"
                            "drift: {every: 5m}\non_failure: stay\n")),
            base);
  for (const char* other :
       {"deploy: [{name: n, directory: {path: /srv/m, artifacts: [model]}}]\n",
        "deploy: [{name: m, directory: {path: /srv/n, artifacts: [model]}}]\n",
        "deploy: [{name: m, directory: {path: /srv/m, artifacts: [other]}}]\n",
        "deploy: [{name: m, directory: {path: /srv/m, artifacts: [model, other]}}]\n",
        "deploy: [{name: m, directory: {path: /srv/m, artifacts: [model], health: {command: "
        "a}}}]\n"}) {
    const ProjectDeployment read = Read(other);
    ASSERT_TRUE(read.problems.empty()) << Describe(read.problems);
    EXPECT_NE(SpecDigest(read), base) << other;
  }
}

}  // namespace
}  // namespace failgate
