#include "controller/promotion/mlflow_settings.h"

#include <gtest/gtest.h>

#include "controller/promotion/operations_files.h"
#include "policies/git_blob.h"

namespace failgate {
namespace {

ProjectDeployment Read(const std::string& deploy) {
  return ReadProjectDeployment(EnvironmentName("prod"),
                               ProjectName("churn"),
                               PolicyFile{"environments/prod/churn.yaml", ObjectId(), deploy});
}

std::string Step(const std::string& mlflow) {
  return "deploy:\n  - name: registry\n    mlflow: " + mlflow + "\n";
}

TEST(MlflowTarget, StandsBesideADirectory) {
  const ProjectDeployment read = Read(
      "deploy:\n"
      "  - name: files\n"
      "    directory: {path: /srv/churn, artifacts: [model]}\n"
      "  - name: registry\n"
      "    mlflow: {model: churn, alias: champion, artifact: model}\n"
      "    health: {http: \"http://127.0.0.1:8080/ping\"}\n");
  ASSERT_TRUE(read.problems.empty()) << Describe(read.problems);
  ASSERT_EQ(read.deploy.size(), 2U);
  EXPECT_FALSE(read.deploy[0].mlflow);
  EXPECT_EQ(read.deploy[1].mlflow, (MlflowTarget{"churn", "champion", "model"}));
  EXPECT_TRUE(read.deploy[1].directory.path.empty());
  EXPECT_TRUE(read.deploy[1].health);
}

TEST(MlflowTarget, RefusesWithPlaceAndReason) {
  struct Refused {
    std::string text;
    const char* says;
  };
  const std::vector<Refused> cases = {
      {Step("{}"), "needs \"model\""},
      {Step("x"), "3:13: deploy[0].mlflow must be a mapping"},
      {Step("{model: m, artifact: a}"), "needs \"alias\""},
      {Step("{model: m, alias: b}"), "needs \"artifact\""},
      {Step("{model: a/b, alias: b, artifact: a}"),
       "3:21: deploy[0].mlflow.model: \"a/b\" must be"},
      {Step("{model: m, alias: v12, artifact: a}"), "neither \"latest\" nor a version such as v1"},
      {Step("{model: m, alias: Latest, artifact: a}"), "neither \"latest\""},
      {Step("{model: m, alias: a.b, artifact: a}"), "mlflow.alias: \"a.b\" must be letters"},
      {Step("{model: m, alias: b, artifact: ../a}"), "is no artifact name"},
      {Step("{model: m, alias: b, artifact: a, stage: x}"), "unknown key \"stage\""},
      {Step("{model: m, alias: b, artifact: a, health: {command: ls}}"), "write http or tcp"},
      {Step("{model: m, alias: b, artifact: a}\n    directory: {path: /a, artifacts: [a]}"),
       "has two targets: write a step for each"},
      {"deploy:\n  - {name: a, mlflow: {model: m, alias: b, artifact: a}}\n"
       "  - {name: b, mlflow: {model: m, alias: b, artifact: c}}\n",
       "3:5: deploy[1]: the alias b of model m is moved by deploy[0]"}};
  for (const Refused& one : cases) {
    const ProjectDeployment read = Read(one.text);
    EXPECT_NE(Describe(read.problems).find(one.says), std::string::npos)
        << one.text << Describe(read.problems);
  }
}

TEST(MlflowTarget, TakesEveryAliasThatIsNoVersion) {
  for (const char* alias : {"champion", "v", "vx", "prod-v2", "A_b", "V2x"}) {
    EXPECT_TRUE(
        Read(Step("{model: m, alias: " + std::string(alias) + ", artifact: a}")).problems.empty())
        << alias;
  }
}

TEST(MlflowTarget, IsAnotherDeploymentWithAnotherAlias) {
  const std::string base = SpecDigest(Read(Step("{model: m, alias: b, artifact: a}")));
  EXPECT_NE(base, SpecDigest(Read(Step("{model: n, alias: b, artifact: a}"))));
  EXPECT_NE(base, SpecDigest(Read(Step("{model: m, alias: c, artifact: a}"))));
  EXPECT_NE(base, SpecDigest(Read(Step("{model: m, alias: b, artifact: b}"))));
  EXPECT_EQ(base, SpecDigest(Read(Step("{artifact: a, alias: b, model: m}  # the same"))));
}

TEST(MlflowTarget, CannotShareAnAliasWithAnotherEnvironment) {
  const auto file = [](const std::string& path, const std::string& text) {
    return OperationsFile{path, GitBlobId(text), text};
  };
  const std::string floor = "policy: deployment\ngates: {tests: {levels: [unit]}}\n";
  const OperationsView view = ReadOperations(
      {file("environments/dev/environment.yaml", floor),
       file("environments/dev/churn.yaml", Step("{model: churn, alias: live, artifact: model}")),
       file("environments/prod/environment.yaml", "after: dev\n" + floor),
       file("environments/prod/churn.yaml", Step("{model: churn, alias: live, artifact: model}")),
       file("environments/prod/other.yaml", Step("{model: churn, alias: own, artifact: model}"))});
  const std::string problems = Describe(view.problems);
  EXPECT_NE(problems.find("environments/dev/churn.yaml: the alias live of model churn is moved by "
                          "environments/prod/churn.yaml too"),
            std::string::npos)
      << problems;
  EXPECT_NE(problems.find("environments/prod/churn.yaml: the alias live of model churn is moved by "
                          "environments/dev/churn.yaml too"),
            std::string::npos);
  EXPECT_EQ(problems.find("other.yaml"), std::string::npos) << problems;
}

}  // namespace
}  // namespace failgate
