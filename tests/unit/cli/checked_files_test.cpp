#include "controller/cli/checked_files.h"

#include <gtest/gtest.h>

#include "controller/base/durable_file.h"

namespace failgate {
namespace {

class CheckedFiles : public testing::Test {
 protected:
  std::filesystem::path Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = folder_.path() / path;
    CreateFolders(file.parent_path());
    WriteFileDurably(file, text);
    return file;
  }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

constexpr const char* kPipeline =
    "project: churn\nsteps:\n  - {name: unit, level: unit, run: true}\n";

TEST_F(CheckedFiles, KnowsAPipelineByItsKeysWhateverItsName) {
  const auto checked = CheckPath(Write("other.yaml", kPipeline));
  ASSERT_EQ(checked.size(), 1U);
  EXPECT_TRUE(checked[0].problems.empty());
  EXPECT_EQ(checked[0].what, "pipeline of project churn, 1 steps");
}

TEST_F(CheckedFiles, KnowsAServerFileAlsoWhenItIsCalledAsAPipeline) {
  const auto checked = CheckPath(Write("failgate.yaml", "controller: main\nlissten: {}\n"));
  ASSERT_EQ(checked.size(), 1U);
  EXPECT_EQ(checked[0].what, "server file");
  EXPECT_FALSE(checked[0].problems.empty());
}

TEST_F(CheckedFiles, TellsPlaceAndNearestKey) {
  const auto checked = CheckPath(Write("failgate.yaml", std::string(kPipeline) + "trigers: {}\n"));
  ASSERT_EQ(checked[0].problems.size(), 1U);
  EXPECT_EQ(checked[0].problems[0].line, 4);
  EXPECT_NE(checked[0].problems[0].text.find("triggers"), std::string::npos);
}

TEST_F(CheckedFiles, TellsBrokenYaml) {
  const auto checked = CheckPath(Write("failgate.yaml", "project: [\n"));
  ASSERT_FALSE(checked[0].problems.empty());
}

TEST_F(CheckedFiles, RefusesAFileThatIsNoneOfOurs) {
  const auto checked = CheckPath(Write("values.yaml", "replicas: 3\n"));
  ASSERT_EQ(checked[0].problems.size(), 1U);
  EXPECT_NE(checked[0].problems[0].text.find("no file of failgate"), std::string::npos);
}

TEST_F(CheckedFiles, RefusesWhatIsNotThere) {
  EXPECT_EQ(CheckPath(folder() / "absent.yaml")[0].problems.size(), 1U);
}

TEST_F(CheckedFiles, RefusesAFolderWithNothingToCheck) {
  Write("values.yaml", "replicas: 3\n");
  EXPECT_EQ(CheckPath(folder())[0].problems.size(), 1U);
}

TEST_F(CheckedFiles, ReadsAnOperationsRepositoryAsAWhole) {
  Write("environments/dev/environment.yaml", "policy: deployment\ngates: none\n");
  const auto bad = Write("environments/prod/environment.yaml",
                         "after: recete\npolicy: deployment\ngates: none\n");
  const auto checked = CheckPath(folder());
  ASSERT_EQ(checked.size(), 1U);
  ASSERT_FALSE(checked[0].problems.empty());
  EXPECT_EQ(checked[0].problems[0].file, bad.string());
  EXPECT_NE(checked[0].problems[0].text.find("recete"), std::string::npos);
}

TEST_F(CheckedFiles, ReadsOneFileOfATreeTogetherWithTheOthers) {
  const auto good = Write("environments/dev/environment.yaml", "policy: deployment\ngates: none\n");
  const auto bad =
      Write("environments/prod/environment.yaml", "after: dev\npolicy: x\ngates: none\n");
  EXPECT_TRUE(CheckPath(good)[0].problems.empty());
  EXPECT_FALSE(CheckPath(bad)[0].problems.empty());
  EXPECT_EQ(CheckPath(bad)[0].problems[0].file, bad.string());
}

TEST_F(CheckedFiles, NamesTimeZonesAndEnvironmentsOfGatesThatAreNotThere) {
  Write("environments/recette/environment.yaml", "policy: deployment\ngates: none\n");
  const auto bad = Write("environments/prod/environment.yaml",
                         "after: recette\ngates:\n"
                         "  soak: {in: recete, for: 1h}\n"
                         "  window: {timezone: Europe/Pariss, allow: [\"*\"]}\n");
  Write(
      "environments/dev/environment.yaml",
      "gates: {soak: {in: recette, for: 1h}, window: {timezone: Europe/Paris, allow: [\"*\"]}}\n");
  for (const auto& checked : {CheckPath(folder())[0], CheckPath(bad)[0]}) {
    ASSERT_EQ(checked.problems.size(), 2U);
    EXPECT_EQ(checked.problems[0].file, bad.string());
    EXPECT_EQ(checked.problems[0].line, 4);
    EXPECT_EQ(checked.problems[0].column, 22);
    EXPECT_NE(checked.problems[0].text.find("no time zone Europe/Pariss"), std::string::npos);
    EXPECT_EQ(checked.problems[1].line, 3);
    EXPECT_EQ(checked.problems[1].column, 14);
    EXPECT_NE(checked.problems[1].text.find("did you mean \"recette\"?"), std::string::npos);
  }
}

TEST_F(CheckedFiles, ReadsApprovals) {
  const auto path = Write("approvals/prod/churn-1/a@example.com.yaml", "release: churn-2\n");
  const auto checked = CheckPath(path);
  ASSERT_FALSE(checked[0].problems.empty());
  EXPECT_EQ(checked[0].problems[0].file, path.string());
}

TEST_F(CheckedFiles, ReadsPeoplesKeys) {
  const auto path = Write("people_signers", "# people\nalice ssh-ed25519 AAAA\n");
  const auto checked = CheckPath(path);
  ASSERT_EQ(checked[0].problems.size(), 1U);
  EXPECT_EQ(checked[0].problems[0].file, path.string());
  EXPECT_EQ(checked[0].problems[0].line, 2);
}

TEST_F(CheckedFiles, ReadsAllowedSigners) {
  const auto checked = CheckPath(Write("allowed_signers", "main@x ssh-ed25519 AAAA\n"));
  EXPECT_FALSE(checked[0].problems.empty());
  EXPECT_EQ(checked[0].problems[0].line, 1);
}

}  // namespace
}  // namespace failgate
