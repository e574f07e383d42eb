#include "controller/git/added_lines.h"

#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

using Lines = std::set<long long>;
constexpr std::size_t kMax = 1U << 20U;

TEST(AddedLines, AreThoseThatDiffer) {
  PushedRepository world;
  const CommitId before = world.Push({{"a.py", "1\n2\n3\n4\n5\n"}, {"gone.py", "1\n"}});
  const CommitId after = world.Push(
      {{"a.py", "1\ntwo\n3\n4\n4a\n4b\n5\n"}, {"new.py", "1\n2\n"}, {"gone.py", std::nullopt}});
  const Repository repository = Repository::Open(world.origin());
  const auto lines = [&](const std::string& path) {
    return AddedLines(repository, before, after, path, kMax);
  };
  EXPECT_EQ(lines("a.py"), (Lines{2, 5, 6}));
  EXPECT_EQ(lines("new.py"), (Lines{1, 2}));
  EXPECT_EQ(lines("gone.py"), Lines{});
  EXPECT_EQ(lines("never.py"), Lines{});
  EXPECT_EQ(AddedLines(repository, before, before, "a.py", kMax), Lines{});
  EXPECT_EQ(AddedLines(repository, std::nullopt, before, "a.py", kMax), (Lines{1, 2, 3, 4, 5}));
}

TEST(AddedLines, ARemovedLineAddsNone) {
  PushedRepository world;
  const CommitId before = world.Push({{"a.py", "1\n2\n3\n"}});
  const CommitId after = world.Push({{"a.py", "1\n3\n"}});
  const Repository repository = Repository::Open(world.origin());
  EXPECT_EQ(AddedLines(repository, before, after, "a.py", kMax), Lines{});
}

TEST(AddedLines, OfWhatIsNoTextAreNone) {
  PushedRepository world;
  const CommitId before = world.Push({{"m.bin", std::string("a\0b\n", 4)}});
  const CommitId after = world.Push({{"m.bin", std::string("c\0d\ne\n", 6)}});
  const Repository repository = Repository::Open(world.origin());
  EXPECT_EQ(AddedLines(repository, before, after, "m.bin", kMax), Lines{});
}

TEST(AddedLines, OfALargeFileAreNotLookedFor) {
  PushedRepository world;
  const CommitId before = world.Push({{"a.py", "1\n"}});
  const CommitId after = world.Push({{"a.py", "1\n2\n3\n"}});
  const Repository repository = Repository::Open(world.origin());
  EXPECT_THROW((void)AddedLines(repository, before, after, "a.py", 5), Error);
}

}  // namespace
}  // namespace failgate
