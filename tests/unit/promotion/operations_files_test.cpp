#include "controller/promotion/operations_files.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace failgate {
namespace {

OperationsFile File(const std::string& path, const std::string& text) {
  return {path, ObjectId("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"), text};
}

EnvironmentProject Pair(const std::string& environment, const std::string& project) {
  return {EnvironmentName(environment), ProjectName(project)};
}

std::string Deploys(const std::string& path) {
  return "deploy:\n  - name: model\n    directory: {path: " + path + ", artifacts: [model]}\n";
}

/// A ladder of three where churn is deployed everywhere.
std::vector<OperationsFile> World() {
  return {File("environments/dev/environment.yaml", "policy: deployment\ngates: none\n"),
          File("environments/dev/churn.yaml", Deploys("/srv/dev/churn")),
          File("environments/recette/environment.yaml",
               "after: dev\npolicy: deployment\ngates: {coverage: {lines: 80}}\n"),
          File("environments/recette/churn.yaml", Deploys("/srv/recette/churn")),
          File("environments/prod/environment.yaml",
               "after: recette\ngates: {coverage: {lines: 80}}\n"),
          File("environments/prod/churn.yaml",
               "gates: {coverage: {lines: 90}}\n" + Deploys("/srv/prod/churn")),
          File("desired/prod/churn.yaml", "release: churn-42\n"),
          File("allowed_signers", "controller ssh-ed25519 AAAA\n"),
          File("README.md", "hello")};
}

OperationsView WorldWith(const std::string& path, const std::string& text) {
  std::vector<OperationsFile> files = World();
  files.erase(std::remove_if(files.begin(),
                             files.end(),
                             [&path](const OperationsFile& file) { return file.path == path; }),
              files.end());
  files.push_back(File(path, text));
  return ReadOperations(files);
}

bool Says(const Problems& problems, const std::string& text) {
  return Describe(problems).find(text) != std::string::npos;
}

TEST(OperationsFiles, ReadAWholeLadder) {
  const OperationsView view = ReadOperations(World());
  EXPECT_TRUE(view.problems.empty()) << Describe(view.problems);
  ASSERT_EQ(view.environments.size(), 3U);
  EXPECT_EQ(view.ladder.last, EnvironmentName("prod"));
  EXPECT_EQ(view.environments.at(EnvironmentName("dev")).floor.last_step, Policy::kDeployment);
  const ProjectDeployment& prod = view.deployments.at(Pair("prod", "churn"));
  const Policy policy = PolicyFor(view, Pair("prod", "churn"));
  EXPECT_EQ(policy.coverage->lines->ten_thousandths, 900'000);
  EXPECT_EQ(policy.after, EnvironmentName("recette"));
  ASSERT_EQ(prod.deploy.size(), 1U);
  EXPECT_EQ(prod.deploy[0].directory.path, "/srv/prod/churn");
  EXPECT_EQ(view.desired.at(Pair("prod", "churn")).release, ReleaseName("churn-42"));
}

TEST(OperationsFiles, KnownFilesNeedNoTextAndMeetTheFloorOfToday) {
  std::vector<OperationsFile> files = World();
  for (OperationsFile& file : files) file.blob = ObjectId(std::string(40, 'a'));
  const OperationsView before = ReadOperations(files);
  for (OperationsFile& file : files) {
    if (IsKnown(before, file)) file.text.clear();
    if (file.path == "environments/prod/environment.yaml") {
      file.text = "after: recette\ngates: {coverage: {lines: 70}, tests: {levels: [unit]}}\n";
    }
  }
  const OperationsView view = ReadOperations(files, &before);
  EXPECT_TRUE(view.problems.empty()) << Describe(view.problems);
  const Policy policy = PolicyFor(view, Pair("prod", "churn"));
  EXPECT_EQ(policy.coverage->lines->ten_thousandths, 900'000);
  EXPECT_TRUE(policy.tests.has_value());
  EXPECT_EQ(view.deployments.at(Pair("prod", "churn")).deploy,
            before.deployments.at(Pair("prod", "churn")).deploy);
  EXPECT_EQ(view.desired.at(Pair("prod", "churn")).release, ReleaseName("churn-42"));
}

TEST(OperationsFiles, AnotherBlobOrAFaultIsNotKnown) {
  const OperationsView before =
      WorldWith("environments/dev/other.yaml", Deploys("/srv/prod/churn/inside"));
  OperationsFile file = File("environments/recette/churn.yaml", "");
  EXPECT_TRUE(IsKnown(before, file));
  file.blob = ObjectId(std::string(40, 'b'));
  EXPECT_FALSE(IsKnown(before, file));
  EXPECT_FALSE(IsKnown(before, File("environments/prod/churn.yaml", "")));
  EXPECT_FALSE(IsKnown(before, File("environments/prod/environment.yaml", "")));
}

TEST(OperationsFiles, ManyThatShareAPathAreAllStopped) {
  std::vector<OperationsFile> files = World();
  for (int i = 0; i < 50; ++i) {
    files.push_back(File("environments/dev/p" + std::to_string(i) + ".yaml", Deploys("/srv/one")));
  }
  files.push_back(File("environments/dev/below.yaml", Deploys("/srv/one/below")));
  files.push_back(File("environments/dev/beside.yaml", Deploys("/srv/one-more")));
  const OperationsView view = ReadOperations(files);
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(ProblemsOf(view, Pair("dev", "p" + std::to_string(i))).empty()) << i;
  }
  EXPECT_FALSE(ProblemsOf(view, Pair("dev", "below")).empty());
  EXPECT_TRUE(ProblemsOf(view, Pair("dev", "beside")).empty());
  EXPECT_TRUE(ProblemsOf(view, Pair("dev", "churn")).empty());
}

TEST(OperationsFiles, DoNotDependOnTheirOrder) {
  std::vector<OperationsFile> files = World();
  std::reverse(files.begin(), files.end());
  const OperationsView view = ReadOperations(files);
  EXPECT_TRUE(view.problems.empty());
  EXPECT_EQ(view.ladder.order, ReadOperations(World()).ladder.order);
}

TEST(OperationsFiles, ABrokenProjectFileStopsOnlyItsPair) {
  const OperationsView view = WorldWith("environments/prod/churn.yaml", "deploy: [");
  EXPECT_FALSE(ProblemsOf(view, Pair("prod", "churn")).empty());
  EXPECT_FALSE(PolicyFor(view, Pair("prod", "churn")).gates_written);
  EXPECT_TRUE(ProblemsOf(view, Pair("dev", "churn")).empty());
  EXPECT_TRUE(ProblemsOf(view, Pair("recette", "churn")).empty());
  EXPECT_GT(view.problems.front().line, 0);
}

TEST(OperationsFiles, ABrokenEnvironmentStopsOnlyItself) {
  const OperationsView view = WorldWith("environments/recette/environment.yaml", "gates: []\n");
  EXPECT_FALSE(ProblemsOf(view, Pair("recette", "churn")).empty());
  EXPECT_FALSE(PolicyFor(view, Pair("recette", "churn")).gates_written);
  EXPECT_TRUE(ProblemsOf(view, Pair("dev", "churn")).empty());
  EXPECT_TRUE(ProblemsOf(view, Pair("prod", "churn")).empty());
}

TEST(OperationsFiles, ABrokenDesiredFileStopsOnlyItsPair) {
  const OperationsView view = WorldWith("desired/prod/churn.yaml", "release: 42\n");
  EXPECT_FALSE(ProblemsOf(view, Pair("prod", "churn")).empty());
  EXPECT_TRUE(view.deployments.at(Pair("prod", "churn")).problems.empty());
  EXPECT_TRUE(ProblemsOf(view, Pair("dev", "churn")).empty());
}

TEST(OperationsFiles, ALooserProjectIsAProblemOfItsPair) {
  const OperationsView view = WorldWith("environments/prod/churn.yaml",
                                        "gates: {coverage: {lines: 10}}\n" + Deploys("/srv/x"));
  EXPECT_TRUE(Says(ProblemsOf(view, Pair("prod", "churn")),
                   "environments/prod/churn.yaml:1:27: coverage: lines 10 % is looser"));
  EXPECT_FALSE(PolicyFor(view, Pair("prod", "churn")).gates_written);
}

TEST(OperationsFiles, AnEnvironmentNeedsItsFile) {
  const OperationsView view = WorldWith("environments/lab/churn.yaml", Deploys("/srv/lab"));
  EXPECT_TRUE(Says(ProblemsOf(view, Pair("lab", "churn")),
                   "environments/lab/environment.yaml: there is no such file"));
  EXPECT_EQ(view.ladder.order.size(), 3U);
}

TEST(OperationsFiles, AfterMustNotLeanOnAFolderWithoutItsFile) {
  std::vector<OperationsFile> files = World();
  files[4].text = "after: lab\ngates: none\n";
  files.push_back(File("environments/lab/churn.yaml", Deploys("/srv/lab")));
  const OperationsView view = ReadOperations(files);
  EXPECT_TRUE(Says(ProblemsOf(view, Pair("prod", "churn")), "there is no environment lab"));
}

TEST(OperationsFiles, PairsThatAreNotThereSaySo) {
  const OperationsView view = ReadOperations(World());
  EXPECT_TRUE(Says(ProblemsOf(view, Pair("prod", "other")), "other is not deployed there"));
  EXPECT_TRUE(Says(ProblemsOf(view, Pair("moon", "churn")), "there is no such environment"));
}

TEST(OperationsFiles, ADesiredFileWithoutDeploymentIsAProblem) {
  const OperationsView view = WorldWith("desired/prod/other.yaml", "release: other-1\n");
  EXPECT_TRUE(Says(view.problems, "there is no environments/prod/other.yaml"));
}

TEST(OperationsFiles, NewestNeedsPolicyDeployment) {
  EXPECT_TRUE(Says(WorldWith("desired/prod/churn.yaml", "release: newest\n").problems,
                   "release: newest needs policy deployment"));
  EXPECT_TRUE(WorldWith("desired/recette/churn.yaml", "release: newest\n").problems.empty());
}

TEST(OperationsFiles, TwoPairsMustNotShareADirectory) {
  const OperationsView view =
      WorldWith("environments/prod/other.yaml", Deploys("/srv/dev/churn/inside"));
  EXPECT_TRUE(Says(ProblemsOf(view, Pair("prod", "other")), "is used by environments/dev/churn"));
  EXPECT_TRUE(Says(ProblemsOf(view, Pair("dev", "churn")), "is used by environments/prod/other"));
  EXPECT_TRUE(ProblemsOf(view, Pair("prod", "churn")).empty());
}

TEST(OperationsFiles, NameFilesThisVersionDoesNotRead) {
  EXPECT_EQ(WorldWith("policy.sig", "x").problems.size(), 0U);
  EXPECT_EQ(WorldWith("environments/policy.sig", "x").problems.size(), 1U);
}

TEST(OperationsFiles, ReadApprovalsWithTheSignaturesBesideThem) {
  const std::string path = "approvals/prod/churn-42/alice@example.com.yaml";
  const std::string text =
      "environment: prod\nrelease: churn-42\nrecord: sha256:" + std::string(64, 'a') +
      "\nverdict: approve\nexpires: 2026-12-01T09:00:00Z\n";
  EXPECT_TRUE(Says(WorldWith(path, text).problems, "ssh-keygen -Y sign"));
  EXPECT_TRUE(Says(WorldWith(path + ".sig", "x").problems, "a file that is not there"));
  std::vector<OperationsFile> files = World();
  files.push_back(File(path, text));
  files.push_back(File(path + ".sig", "x"));
  const OperationsView view = ReadOperations(files);
  EXPECT_TRUE(view.problems.empty()) << Describe(view.problems);
  EXPECT_FALSE(view.approvals.at(path).signature.empty());
  files.back().path = path + ".sig2";
  EXPECT_TRUE(IsKnown(view, File(path, "")));
}

TEST(OperationsFiles, TellOfApprovalsInTheWrongPlace) {
  for (const char* path : {"approvals/prod/alice@example.com.yaml",
                           "approvals/prod/churn/alice@example.com.yaml",
                           "approvals/prod/churn-42/alice.yaml",
                           "approvals/prod/churn-42/alice@example.com.yml",
                           "approvals/prod/churn-42/alice@example.com.sig",
                           "approvals/prod/churn-42/x/alice@example.com.yaml"}) {
    EXPECT_TRUE(Says(WorldWith(path, "x").problems, "approvals lie at")) << path;
  }
  EXPECT_TRUE(WorldWith("approvals/README.md", "x").problems.empty());
}

TEST(OperationsFiles, TellOfAFaultInPeoplesKeysWithoutStoppingAnything) {
  const OperationsView view = WorldWith("people_signers", "# people\nalice@example.com\n");
  ASSERT_EQ(view.problems.size(), 1U);
  EXPECT_EQ(Describe(view.problems.front()).substr(0, 17), "people_signers:2:");
  EXPECT_TRUE(view.people.signers.empty());
  EXPECT_TRUE(ProblemsOf(view, Pair("prod", "churn")).empty());
}

TEST(OperationsFiles, NoticeMisspeltAndMisplacedFiles) {
  for (const char* path : {"environments/prod/environment.yml",
                           "environments/environment.yaml",
                           "environments/prod.yaml",
                           "environments/Prod/environment.yaml",
                           "environments/prod/newest.yaml",
                           "environments/prod/-x.yaml",
                           "enviroments/prod/environment.yaml",
                           "environment/prod/churn.yaml",
                           "desired/churn.yaml",
                           "desired/prod/churn.yml",
                           "desired/prod/churn.YAML",
                           "desired/prod/x/churn.yaml",
                           "desird/prod/churn.yaml"}) {
    const OperationsView view = WorldWith(path, "gates: none\n");
    EXPECT_EQ(view.problems.size(), 1U) << path << "\n" << Describe(view.problems);
    EXPECT_TRUE(Says(view.problems, std::string(path) + ": is not read")) << path;
    EXPECT_TRUE(ProblemsOf(view, Pair("prod", "churn")).empty()) << path;
  }
}

TEST(OperationsFiles, LeaveOtherFilesAlone) {
  for (const char* path : {"environments/README.md",
                           "environments/prod/smoke.sh",
                           "environments/prod/site.yml",
                           "environments/prod/infra/main.yaml",
                           "desired/README.md",
                           "docs/environments/prod.yaml",
                           "experiments/a.yaml",
                           "deployments/prod/a.yaml",
                           "mkdocs.yml"}) {
    const OperationsView view = WorldWith(path, "- hosts: all\n");
    EXPECT_TRUE(view.problems.empty()) << path << "\n" << Describe(view.problems);
  }
  EXPECT_TRUE(Says(WorldWith("environments/prod/other.yml", "deploy: []\n").problems,
                   "files of failgate end in .yaml"));
}

TEST(OperationsFiles, AnEmptyRepositoryIsNoProblem) {
  const OperationsView view = ReadOperations({});
  EXPECT_TRUE(view.problems.empty());
  EXPECT_TRUE(view.environments.empty());
  EXPECT_TRUE(view.ladder.last.empty());
}

TEST(IsOperationsPath, TellsWhichBytesAreNeeded) {
  EXPECT_TRUE(IsOperationsPath("environments/prod/environment.yaml"));
  EXPECT_TRUE(IsOperationsPath("desired/prod/churn.yaml"));
  EXPECT_FALSE(IsOperationsPath("approvals/prod/x.yaml"));
  EXPECT_TRUE(IsOperationsPath("approvals/prod/churn-42/a@example.com.yaml"));
  EXPECT_FALSE(IsOperationsPath("approvals/prod/churn-42/a@example.com.yaml.sig"));
  EXPECT_FALSE(IsOperationsPath("README.md"));
}

}  // namespace
}  // namespace failgate
