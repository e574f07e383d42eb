#include "controller/git/tree_names.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

TEST(TreeNames, KnowsEverySpellingOfDotGit) {
  for (const std::string& name : {std::string(".git"),
                                  std::string(".GIT"),
                                  std::string(".Git "),
                                  std::string(".git."),
                                  std::string(".git. ."),
                                  std::string("git~1"),
                                  std::string("GIT~1"),
                                  std::string(".git::$INDEX_ALLOCATION"),
                                  std::string(".g\xE2\x80\x8Cit"),
                                  std::string("\xEF\xBB\xBF.git"),
                                  std::string(".git\xE2\x81\xAF"),
                                  std::string("a\\.git"),
                                  std::string(".git\\hooks")}) {
    EXPECT_TRUE(IsDotGitSpelling(name)) << name;
    EXPECT_TRUE(WhyUnsafeEntryName(name).has_value()) << name;
  }
  for (const std::string& name : {std::string(".gitignore"),
                                  std::string("git"),
                                  std::string(".gitattributes"),
                                  std::string("x.git"),
                                  std::string("git~2"),
                                  std::string("\xE2\x82\xAC")}) {
    EXPECT_FALSE(IsDotGitSpelling(name)) << name;
    EXPECT_FALSE(WhyUnsafeEntryName(name).has_value()) << name;
  }
}

TEST(TreeNames, RefusesNamesThatAreNoFileName) {
  for (const std::string& name : {std::string(),
                                  std::string("."),
                                  std::string(".."),
                                  std::string("a/b"),
                                  std::string("a\0b", 3),
                                  std::string(256, 'x')}) {
    EXPECT_TRUE(WhyUnsafeEntryName(name).has_value());
  }
}

TEST(TreeNames, LetsLinksLeadInsideTheTreeOnly) {
  EXPECT_FALSE(WhyUnsafeLinkTarget("README", 0).has_value());
  EXPECT_FALSE(WhyUnsafeLinkTarget("./a/b", 0).has_value());
  EXPECT_FALSE(WhyUnsafeLinkTarget("../README", 1).has_value());
  EXPECT_FALSE(WhyUnsafeLinkTarget("../../a", 2).has_value());
  EXPECT_TRUE(WhyUnsafeLinkTarget("..", 0).has_value());
  EXPECT_TRUE(WhyUnsafeLinkTarget("../../x", 1).has_value());
  EXPECT_TRUE(WhyUnsafeLinkTarget("/etc/passwd", 3).has_value());
  EXPECT_TRUE(WhyUnsafeLinkTarget("a/../../x", 1).has_value());
  EXPECT_TRUE(WhyUnsafeLinkTarget("d/..", 3).has_value());
  EXPECT_TRUE(WhyUnsafeLinkTarget("", 3).has_value());
  EXPECT_TRUE(WhyUnsafeLinkTarget(std::string(5000, 'x'), 3).has_value());
}

}  // namespace
}  // namespace failgate
