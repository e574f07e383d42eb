#include <gtest/gtest.h>
#include <sys/stat.h>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/git/repository.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

class ExportTest : public ::testing::Test {
 protected:
  /// A commit of exactly these entries ("MODE TYPE ID\tNAME" lines), as git itself would refuse to
  /// add.
  CommitId CommitOf(const std::string& entries) {
    const ProcessResult tree = RunProgram({"git", "mktree", "--missing"}, world_.origin(), entries);
    EXPECT_TRUE(tree.Succeeded()) << tree.stderr_text;
    return CommitId(
        Git(world_.origin(), {"commit-tree", "-m", "x", std::string(Trim(tree.stdout_text))}));
  }
  std::string Blob(const std::string& content) {
    return std::string(Trim(
        RunProgram({"git", "hash-object", "-w", "--stdin"}, world_.origin(), content).stdout_text));
  }
  std::string Tree(const std::string& entries) {
    return std::string(Trim(RunProgram({"git", "mktree"}, world_.origin(), entries).stdout_text));
  }
  std::string WhyRefused(const CommitId& commit, const ExportLimits& limits = {}) {
    try {
      Repository::Open(world_.origin())
          .ExportTree(commit, world_.folder() / ("out" + std::to_string(++count_)), limits);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  PushedRepository world_;
  int count_ = 0;
};

TEST_F(ExportTest, WritesAPlainCopy) {
  std::filesystem::create_symlink("../run", world_.work() / "link0");
  std::filesystem::remove(world_.work() / "link0");
  world_.Push({{"a/deep/f", "text"}, {"run", "#!/bin/sh\n"}, {"empty", ""}});
  std::filesystem::permissions(world_.work() / "run", std::filesystem::perms(0755));
  std::filesystem::create_symlink("../../run", world_.work() / "a" / "deep" / "up");
  std::filesystem::create_symlink("deep", world_.work() / "a" / "dir");
  const CommitId commit = world_.Push({{".gitignore", "x"}});
  const std::filesystem::path out = world_.folder() / "out";
  Repository::Open(world_.origin()).ExportTree(commit, out);
  const ProcessResult same = RunProgram(
      {"diff", "-r", "--no-dereference", "--exclude=.git", world_.work().native(), out.native()});
  EXPECT_TRUE(same.Succeeded()) << same.stdout_text;
  struct stat status {};
  ASSERT_EQ(stat((out / "run").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0755U);
  ASSERT_EQ(stat((out / "empty").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0644U);
  EXPECT_EQ(ReadFile(out / "a" / "dir" / "up"), "#!/bin/sh\n");
}

TEST_F(ExportTest, RefusesADestinationThatIsNotEmpty) {
  const CommitId commit = world_.Push({{"a", "1"}});
  EXPECT_THROW(Repository::Open(world_.origin()).ExportTree(commit, world_.work()), Error);
}

TEST_F(ExportTest, RefusesLinksThatLeaveTheTree) {
  for (const char* target : {"/etc/passwd", "..", "../x", "a/../../x", "a/.."}) {
    const CommitId commit = CommitOf("120000 blob " + Blob(target) + "\tbad-link\n");
    EXPECT_NE(WhyRefused(commit).find("bad-link"), std::string::npos) << target;
  }
}

TEST_F(ExportTest, RefusesEverySpellingOfDotGit) {
  const std::string hook = Tree("100755 blob " + Blob("#!/bin/sh") + "\thook\n");
  for (const char* name : {".git", ".GIT", "git~1", ".git ", ".g\xE2\x80\x8Cit"}) {
    EXPECT_NE(WhyRefused(CommitOf("040000 tree " + hook + "\t" + name + "\n")).find("spelling"),
              std::string::npos)
        << name;
  }
}

TEST_F(ExportTest, RefusesDuplicateEntriesThatWouldWriteThroughALink) {
  const std::string folder = Tree("100644 blob " + Blob("evil") + "\tf\n");
  const CommitId commit =
      CommitOf("120000 blob " + Blob("elsewhere") + "\td\n040000 tree " + folder + "\td\n");
  EXPECT_NE(WhyRefused(commit), "");
}

TEST_F(ExportTest, SkipsSubmodules) {
  const CommitId commit = CommitOf("160000 commit " + std::string(40, '1') +
                                   "\tmodule\n100644 blob " + Blob("x") + "\tz\n");
  EXPECT_EQ(WhyRefused(commit), "");
  EXPECT_FALSE(std::filesystem::exists(world_.folder() / "out1" / "module"));
  EXPECT_TRUE(std::filesystem::exists(world_.folder() / "out1" / "z"));
}

TEST_F(ExportTest, LaysTheWantedFilesOfOneTreeOverAnother) {
  const std::string old = "100644 blob " + Blob("old") + "\t";
  const std::string made = "100644 blob " + Blob("new") + "\t";
  const std::string deep = Tree(old + "u\n");
  const CommitId before = CommitOf(
      "040000 tree " + Tree(old + "a\n") + "\tapp\n040000 tree " +
      Tree("040000 tree " + deep + "\tdeep\n" + old + "gone\n" + old + "t\n") + "\ttests\n");
  const CommitId after =
      CommitOf("040000 tree " + Tree(made + "a\n040000 tree " + Tree(made + "b\n") + "\tmade\n") +
               "\tapp\n040000 tree " + Tree(made + "t\n") + "\ttests\n");
  const auto is_test = [](const std::string& path) { return path.rfind("tests/", 0) == 0; };
  const auto out = world_.folder() / "layers";
  Repository::Open(world_.origin())
      .ExportFiles(
          {{before, [&](const std::string& path) { return !is_test(path); }}, {after, is_test}},
          out);
  EXPECT_EQ(ReadFile(out / "app/a"), "old");
  EXPECT_EQ(ReadFile(out / "tests/t"), "new");
  EXPECT_FALSE(std::filesystem::exists(out / "tests/gone"));
  EXPECT_FALSE(std::filesystem::exists(out / "tests/deep")) << "no folder without a wanted file";
  EXPECT_FALSE(std::filesystem::exists(out / "app/made"));
}

TEST_F(ExportTest, RefusesLayersOfWhichOneHasAFileWhereTheOtherHasAFolder) {
  const std::string blob = "100644 blob " + Blob("x") + "\t";
  const CommitId file = CommitOf(blob + "p\n");
  const CommitId folder = CommitOf("040000 tree " + Tree(blob + "f\n") + "\tp\n");
  const CommitId link = CommitOf("120000 blob " + Blob("elsewhere") + "\tp\n");
  const auto all = [](const std::string&) { return true; };
  const std::vector<std::pair<CommitId, CommitId>> pairs = {
      {file, folder}, {folder, file}, {link, folder}, {folder, link}, {file, file}, {link, link}};
  for (const auto& pair : pairs) {
    try {
      Repository::Open(world_.origin())
          .ExportFiles({{pair.first, all}, {pair.second, all}},
                       world_.folder() / ("out" + std::to_string(++count_)));
      FAIL() << count_;
    } catch (const Error& error) {
      EXPECT_EQ(error.remedy(), Remedy::kNeedsChange) << error.what();
    }
  }
}

TEST_F(ExportTest, KeepsToItsLimits) {
  const CommitId commit = world_.Push({{"a", "12345"}, {"b", "12345"}});
  EXPECT_EQ(WhyRefused(commit, {2, 10}), "");
  EXPECT_NE(WhyRefused(commit, {1, 10}).find("more than 1 files"), std::string::npos);
  EXPECT_NE(WhyRefused(commit, {2, 9}).find("more than 9 bytes"), std::string::npos);
}

}  // namespace
}  // namespace failgate
