#include "controller/deploylog/data_authors.h"

#include <gtest/gtest.h>

#include "controller/deploylog/unknown_author.h"

namespace failgate {
namespace {

const std::string kClicks = "clicks@delta:5f0e:17:sha256:" + std::string(64, 'a');
const std::string kSales = "sales@sha256:" + std::string(64, 'b');
const std::string kGit = "data/train.csv@sha256:" + std::string(64, 'c');

struct Told {
  std::string data;
  std::string watched = {};
  bool unknown = false;
  std::vector<std::string> of_release = {};
};

std::size_t FindingsOf(const Told& told) {
  WrittenFact written;
  written.fact.kind = FactKind::kSuperseded;
  written.fact.Add("Data", told.data);
  if (!told.watched.empty()) {
    written.fact.Add("Watched", told.watched);
  }
  if (told.unknown) {
    written.fact.Add("Authored-by", kUnknownAuthor);
  }
  return CheckDataAuthors(written, told.of_release).size();
}

TEST(DataAuthors, AreUnknownJustWhereWatchesAreNamed) {
  EXPECT_EQ(FindingsOf({kGit + "; " + kClicks + "; " + kSales, "clicks, sales", true}), 0U);
  EXPECT_EQ(FindingsOf({"clicks@none; " + kSales, "clicks, sales", true}), 0U);
  EXPECT_EQ(FindingsOf({kGit}), 0U);
  EXPECT_EQ(FindingsOf({""}), 0U);
  EXPECT_EQ(FindingsOf({kSales, "sales", false}), 1U) << "left out";
  EXPECT_EQ(FindingsOf({kGit, "", true}), 1U) << "its authors are known";
  EXPECT_EQ(FindingsOf({"", "", true}), 1U);
  EXPECT_EQ(FindingsOf({kSales, "clicks", true}), 1U) << "another watch";
  EXPECT_EQ(FindingsOf({kSales, "clicks, sales", true}), 1U) << "one more";
  EXPECT_EQ(FindingsOf({kSales + "; " + kClicks, "sales, clicks", true}), 1U) << "not sorted";
  EXPECT_EQ(FindingsOf({kGit, "data/train.csv", false}), 1U);
}

TEST(DataAuthors, OfFormerVersionsFollowFromTheDataAndTheReleaseBefore) {
  EXPECT_EQ(FindingsOf({kClicks, "", true}), 0U);
  EXPECT_EQ(FindingsOf({kSales, "", true}), 0U) << "it may be of a watch";
  EXPECT_EQ(FindingsOf({kClicks, "", false}), 1U) << "no file of git is a table";
  EXPECT_EQ(FindingsOf({"sales@none", "", false}), 1U);
  EXPECT_EQ(FindingsOf({kSales, "", false}), 0U) << "it may be a file of git";
  EXPECT_EQ(FindingsOf({kSales, "", false, {"sales"}}), 1U) << "the release before says what it is";
  EXPECT_EQ(FindingsOf({kGit, "", false, {"sales"}}), 0U) << "the watch is no part of it any more";
}

}  // namespace
}  // namespace failgate
