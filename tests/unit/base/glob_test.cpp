#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "controller/base/text.h"

namespace failgate {
namespace {

struct GlobCase {
  std::string pattern;
  std::string path;
  bool matches = false;
};

TEST(Glob, FollowsGitignore) {
  const std::vector<GlobCase> cases{
      {"*.csv", "train.csv", true},
      {"*.csv", "data/deep/train.csv", true},
      {"*.csv", "train.csv.bak", false},
      {"train.csv", "data/train.csv", true},
      {"data/*.csv", "data/train.csv", true},
      {"data/*.csv", "data/deep/train.csv", false},
      {"data/*.csv", "more/data/train.csv", false},
      {"/README.md", "README.md", true},
      {"/README.md", "docs/README.md", false},
      {"data/**", "data/train.csv", true},
      {"data/**", "data/a/b/c", true},
      {"data/**", "data", false},
      {"data/**", "database/x", false},
      {"**/test/*.py", "test/a.py", true},
      {"**/test/*.py", "a/b/test/a.py", true},
      {"a/**/z", "a/z", true},
      {"a/**/z", "a/b/c/z", true},
      {"a/**/z", "a/b/c/y", false},
      {"a/**/b/**/c", "a/x/b/y/b/c", true},
      {"**", "any/thing", true},
      {"data/", "data/x", true},
      {"data/", "more/data/x", true},
      {"/data/", "more/data/x", false},
      {"data/", "data", false},
      {"?.txt", "a.txt", true},
      {"?.txt", "\xC3\xA9.txt", true},
      {"?.txt", "ab.txt", false},
      {"a?b", "a/b", false},
      {"v[0-9].bin", "v7.bin", true},
      {"v[!0-9].bin", "v7.bin", false},
      {"v[]x].bin", "v].bin", true},
      {"v[0-9.bin", "v[0-9.bin", true},
      {"a\\*b", "a*b", true},
      {"a\\*b", "axb", false},
      {"*a*b*c", "xxaxxbxxc", true},
      {"*a*b*c", "xxaxxbxx", false},
      {"Data.csv", "data.csv", false},
      {"", "a", false},
      {"a", "", false},
  };
  for (const GlobCase& item : cases) {
    EXPECT_EQ(GlobMatches(item.pattern, item.path), item.matches)
        << item.pattern << " " << item.path;
  }
}

TEST(Glob, StaysQuickOnManyStars) {
  std::string stars;
  std::string folders;
  for (int i = 0; i < 60; ++i) {
    stars += "a*";
    folders += "**/a/";
  }
  EXPECT_FALSE(GlobMatches(stars + "b", std::string(1000, 'a')));
  std::string path;
  for (int i = 0; i < 300; ++i) {
    path += "a/";
  }
  EXPECT_FALSE(GlobMatches(folders + "b", path + "c"));
}

}  // namespace
}  // namespace failgate
