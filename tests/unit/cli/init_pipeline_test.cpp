#include "controller/cli/commands/init_pipeline.h"

#include <gtest/gtest.h>

#include "controller/base/durable_file.h"
#include "controller/base/ids.h"

namespace failgate {
namespace {

TEST(ProjectNameFrom, MakesAValidNameOfAnyFolder) {
  EXPECT_EQ(ProjectNameFrom("churn"), "churn");
  EXPECT_EQ(ProjectNameFrom("My Churn  Model"), "my-churn-model");
  EXPECT_EQ(ProjectNameFrom("été"), "t");
  EXPECT_EQ(ProjectNameFrom("a..b."), "a.b");
  EXPECT_EQ(ProjectNameFrom("environment"), "my-project");
  EXPECT_EQ(ProjectNameFrom(""), "my-project");
  EXPECT_TRUE(IsValidName(ProjectNameFrom(std::string(300, 'x'))));
}

TEST(LanguageOf, LooksAtWhatEachLanguageLeavesAtTheRoot) {
  const TemporaryFolder folder;
  EXPECT_EQ(LanguageOf(folder.path()), "shell");
  WriteFileDurably(folder.path() / "CMakeLists.txt", "");
  EXPECT_EQ(LanguageOf(folder.path()), "cpp");
  WriteFileDurably(folder.path() / "score.py", "");
  EXPECT_EQ(LanguageOf(folder.path()), "python");
  WriteFileDurably(folder.path() / "package.json", "{}");
  EXPECT_EQ(LanguageOf(folder.path()), "node");
  WriteFileDurably(folder.path() / "go.mod", "");
  EXPECT_EQ(LanguageOf(folder.path()), "go");
}

}  // namespace
}  // namespace failgate
