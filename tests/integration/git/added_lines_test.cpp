#include "controller/git/added_lines.h"

#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

using Lines = std::vector<LineRange>;

Lines Added(const Repository& repository,
            const std::optional<CommitId>& from,
            const CommitId& to,
            const std::string& path) {
  std::size_t bytes_left = 1U << 20U;
  return AddedLines(repository, from, to, path, bytes_left);
}

TEST(AddedLines, AreThoseThatDiffer) {
  PushedRepository world;
  const CommitId before = world.Push({{"a.py", "1\n2\n3\n4\n5\n"}, {"gone.py", "1\n"}});
  const CommitId after = world.Push(
      {{"a.py", "1\ntwo\n3\n4\n4a\n4b\n5\n"}, {"new.py", "1\n2\n"}, {"gone.py", std::nullopt}});
  const Repository repository = Repository::Open(world.origin());
  const auto lines = [&](const std::string& path) {
    return Added(repository, before, after, path);
  };
  EXPECT_EQ(lines("a.py"), (Lines{{2, 1}, {5, 2}}));
  EXPECT_EQ(lines("new.py"), (Lines{{1, 2}}));
  EXPECT_EQ(lines("gone.py"), Lines{});
  EXPECT_EQ(lines("never.py"), Lines{});
  EXPECT_EQ(Added(repository, before, before, "a.py"), Lines{});
  EXPECT_EQ(Added(repository, std::nullopt, before, "a.py"), (Lines{{1, 5}}));
}

TEST(AddedLines, ARemovedLineAddsNone) {
  PushedRepository world;
  const CommitId before = world.Push({{"a.py", "1\n2\n3\n"}});
  const CommitId after = world.Push({{"a.py", "1\n3\n"}});
  const Repository repository = Repository::Open(world.origin());
  EXPECT_EQ(Added(repository, before, after, "a.py"), Lines{});
}

TEST(AddedLines, AreFoundInCodeWithZeroBytes) {
  PushedRepository world;
  const CommitId before = world.Push({{"a.cs", std::string("a\0\n\0", 4)}});
  const CommitId after = world.Push({{"a.cs", std::string("a\0\n\0b\0\n\0", 8)}});
  const Repository repository = Repository::Open(world.origin());
  EXPECT_EQ(Added(repository, before, after, "a.cs"), (Lines{{2, 1}}));
}

TEST(AddedLines, OfALargeFileAreNotLookedFor) {
  PushedRepository world;
  const CommitId before = world.Push({{"a.py", "1\n"}});
  const CommitId after = world.Push({{"a.py", "1\n2\n3\n"}});
  const Repository repository = Repository::Open(world.origin());
  std::size_t bytes_left = 7;
  EXPECT_THROW((void)AddedLines(repository, before, after, "a.py", bytes_left), Error);
  bytes_left = 8;
  EXPECT_EQ(AddedLines(repository, before, after, "a.py", bytes_left), (Lines{{2, 2}}));
  EXPECT_EQ(bytes_left, 0U);
}

}  // namespace
}  // namespace failgate
