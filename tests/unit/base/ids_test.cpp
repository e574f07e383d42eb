#include "controller/base/ids.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace failgate {
namespace {

TEST(StrongText, ComparesAndHashesByText) {
  const ProjectName name("churn");
  EXPECT_EQ(name, ProjectName("churn"));
  EXPECT_LT(name, ProjectName("fraud"));
  EXPECT_TRUE(ProjectName().empty());
  const std::unordered_set<ProjectName> set{name, ProjectName("churn")};
  EXPECT_EQ(set.size(), 1U);
}

TEST(Person, IsReadInBothForms) {
  const auto full = ParsePerson("Alice Martin <alice@example.com>");
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->name, "Alice Martin");
  EXPECT_EQ(full->email, "alice@example.com");
  EXPECT_EQ(FormatPerson(*full), "Alice Martin <alice@example.com>");
  const auto bare = ParsePerson(" alice@example.com ");
  ASSERT_TRUE(bare.has_value());
  EXPECT_EQ(FormatPerson(*bare), "alice@example.com");
  EXPECT_EQ(FormatPerson(*ParsePerson("<alice@example.com>")), "alice@example.com");
}

TEST(Person, RefusesWhatWouldMisleadAReader) {
  for (const char* text : {"",
                           "Alice",
                           "Alice <alice>",
                           "Alice <@>",
                           "@example.com",
                           "alice@",
                           "A <b> <c@d>",
                           "A > <c@d>",
                           "A <c@d> x",
                           "alice@example.com>",
                           "A\n<c@d>",
                           "A <c\x01@d>",
                           "A <c @d>",
                           "\xff <c@d>"}) {
    EXPECT_FALSE(ParsePerson(text).has_value()) << text;
  }
}

TEST(Person, IsTheSameByEmailWhateverTheCase) {
  EXPECT_TRUE(SamePerson("Alice@Example.com", "alice@example.COM"));
  EXPECT_FALSE(SamePerson("alice@example.com", "bob@example.com"));
  EXPECT_FALSE(SamePerson("", ""));
}

TEST(Name, FollowsTheContract) {
  for (const char* text : {"churn", "0", "a.b_c-d", "environments", "a.locked"}) {
    EXPECT_TRUE(IsValidName(text)) << text;
  }
  EXPECT_TRUE(IsValidName(std::string(63, 'a')));
  EXPECT_FALSE(IsValidName(std::string(64, 'a')));
  for (const char* text : {"",
                           "-a",
                           ".a",
                           "_a",
                           "A",
                           "a b",
                           "a/b",
                           "a..b",
                           "a.lock",
                           "environment",
                           "operations",
                           "releases",
                           "decisions",
                           "projects",
                           "controller",
                           "newest",
                           "\xC3\xA9",
                           "a\n"}) {
    EXPECT_FALSE(IsValidName(text)) << text;
  }
}

TEST(ObjectId, IsFullLengthLowerCaseHex) {
  EXPECT_TRUE(IsObjectId(std::string(40, 'a')));
  EXPECT_TRUE(IsObjectId(std::string(64, '0')));
  EXPECT_FALSE(IsObjectId(std::string(40, 'A')));
  EXPECT_FALSE(IsObjectId(std::string(39, 'a')));
  EXPECT_FALSE(IsObjectId(std::string(40, 'g')));
  EXPECT_FALSE(IsObjectId(""));
  EXPECT_TRUE(IsZeroObjectId(std::string(40, '0')));
  EXPECT_FALSE(IsZeroObjectId(std::string(41, '0')));
  EXPECT_FALSE(IsZeroObjectId(std::string(39, '0') + "1"));
}

TEST(RefName, FollowsGit) {
  for (const char* text :
       {"refs/heads/main", "refs/heads/a/b", "refs/tags/v1.0", "refs/heads/a@b"}) {
    EXPECT_TRUE(IsValidRefName(text)) << text;
  }
  for (const char* text : {"",
                           "main",
                           "refs/",
                           "refs/heads/",
                           "refs/heads//a",
                           "refs/heads/.a",
                           "refs/heads/a.",
                           "refs/heads/a..b",
                           "refs/heads/a.lock",
                           "refs/heads/a.lock/b",
                           "refs/heads/a b",
                           "refs/heads/a~1",
                           "refs/heads/a^",
                           "refs/heads/a:b",
                           "refs/heads/a?",
                           "refs/heads/*",
                           "refs/heads/[a",
                           "refs/heads/a\\b",
                           "refs/heads/a@{1}",
                           "refs/heads/a\nb",
                           "refs/heads/a\x7f",
                           "/refs/heads/a",
                           "-refs/heads/a"}) {
    EXPECT_FALSE(IsValidRefName(text)) << text;
  }
  EXPECT_FALSE(IsValidRefName("refs/heads/" + std::string(250, 'a')));
}

TEST(SafeRelativePath, StaysInsideItsFolder) {
  for (const char* text :
       {"a", "data/train.csv", ".github/x", "a b", "\xC3\xA9", "...", ".gitignore"}) {
    EXPECT_TRUE(IsSafeRelativePath(text)) << text;
  }
  for (const char* text : {"",
                           "/a",
                           "a/",
                           "a//b",
                           ".",
                           "..",
                           "a/../b",
                           "./a",
                           "a\\b",
                           "a\nb",
                           "a\x7f",
                           ".git",
                           "a/.git/config",
                           ".GIT",
                           "a/.Git"}) {
    EXPECT_FALSE(IsSafeRelativePath(text)) << text;
  }
  EXPECT_FALSE(IsSafeRelativePath(std::string("a\0b", 3)));
  EXPECT_FALSE(IsSafeRelativePath(std::string(1025, 'a')));
}

TEST(ReleaseName, IsProjectAndNumber) {
  const auto parts = SplitReleaseName("churn-model-42");
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(parts->first, ProjectName("churn-model"));
  EXPECT_EQ(parts->second, 42);
  EXPECT_EQ(MakeReleaseName(parts->first, parts->second), ReleaseName("churn-model-42"));
  for (const char* text : {"",
                           "churn",
                           "churn-",
                           "-42",
                           "churn-0",
                           "churn-042",
                           "churn--1x",
                           "churn-4x",
                           "Churn-4",
                           "newest-4",
                           "churn-99999999999999999999"}) {
    EXPECT_FALSE(SplitReleaseName(text).has_value()) << text;
  }
}

TEST(Random, BytesDiffer) {
  EXPECT_EQ(RandomBytes(0), "");
  EXPECT_EQ(RandomBytes(1000).size(), 1000U);
  EXPECT_NE(RandomBytes(32), RandomBytes(32));
}

TEST(Uuid, IsVersion7AndSortsByTime) {
  const TimePoint now = *ParseTime("2026-11-23T09:00:00Z");
  const std::string first = NewUuid(now);
  ASSERT_EQ(first.size(), 36U);
  EXPECT_EQ(first[8], '-');
  EXPECT_EQ(first[13], '-');
  EXPECT_EQ(first[14], '7');
  EXPECT_EQ(first[18], '-');
  EXPECT_NE(std::string("89ab").find(first[19]), std::string::npos);
  EXPECT_EQ(first[23], '-');
  EXPECT_LT(first, NewUuid(now + Milliseconds(1)));
  EXPECT_NE(first, NewUuid(now));
}

}  // namespace
}  // namespace failgate
