// Writing a hold into a desired file and taking it out: bytes around it stay.
#include <gtest/gtest.h>

#include "controller/base/text.h"
#include "controller/promotion/desired_file.h"

namespace failgate {
namespace {

const EnvironmentName kProd("prod");
const ProjectName kChurn("churn");
const Hold kFair{ParseTime("2026-12-01T08:00:00Z"), "the fair", false};
const std::string kFairText = R"({reason: "the fair", until: 2026-12-01T08:00:00Z, healing: off})";

struct Edited {
  std::string before;
  std::string after;
};

TEST(SetHold, WritesItAndKeepsLayoutAndComments) {
  const std::vector<Edited> cases = {
      {"release: churn-1\n", "release: churn-1\nhold: " + kFairText + "\n"},
      {"release: churn-1", "release: churn-1\nhold: " + kFairText + "\n"},
      {"release: churn-1 # x\n# end\n", "release: churn-1 # x\nhold: " + kFairText + "\n# end\n"},
      {"  release: churn-1\r\n", "  release: churn-1\r\n  hold: " + kFairText + "\r\n"},
      {"{release: churn-1}\n", "{hold: " + kFairText + ", release: churn-1}\n"},
      {"{}\n", "{hold: " + kFairText + "}\n"},
      {"# words\n", "# words\nhold: " + kFairText + "\n"},
      {"", "hold: " + kFairText + "\n"},
      {"except:\n  - {release: churn-2, because: code} # c\nrelease: churn-1\n# d\n",
       "except:\n  - {release: churn-2, because: code} # c\nrelease: churn-1\nhold: " + kFairText +
           "\n# d\n"},
      {"hold: {reason: x}  # why\nrelease: churn-1\n",
       "hold: " + kFairText + "  # why\nrelease: churn-1\n"},
      {"hold:\n  reason: x\n  healing: on\nrelease: churn-1 # now\n",
       "hold:\n  " + kFairText + "\nrelease: churn-1 # now\n"},
      {"hold:\n  reason: |\n    a\n    b\nrelease: churn-1\n",
       "hold:\n  " + kFairText + "\nrelease: churn-1\n"}};
  for (const Edited& one : cases) {
    const Parsed<std::string> edited = SetHold(kProd, kChurn, one.before, kFair);
    ASSERT_TRUE(edited.has_value()) << one.before << Describe(edited.error());
    EXPECT_EQ(*edited, one.after);
    EXPECT_EQ(ReadDesired(kProd, kChurn, *edited).hold, kFair);
    EXPECT_EQ(*SetHold(kProd, kChurn, *edited, kFair), *edited) << "twice is once";
  }
}

TEST(SetHold, TakesItOutAndKeepsLayoutAndComments) {
  const std::vector<Edited> cases = {
      {"release: churn-1\nhold: {reason: x}\n", "release: churn-1\n"},
      {"release: churn-1\nhold: {reason: x}", "release: churn-1\n"},
      {"# a\nhold: {reason: x} # until the fair is over\n# b\nrelease: churn-1\n",
       "# a\n# b\nrelease: churn-1\n"},
      {"hold:\n  reason: x\n  until: 2026-12-01T08:00:00Z\n# b\nrelease: churn-1\n",
       "# b\nrelease: churn-1\n"},
      {"hold:\r\n  reason: |\r\n    a\r\n    b\r\nrelease: churn-1\r\n", "release: churn-1\r\n"},
      {"hold: {reason: x}\n", ""},
      {"{hold: {reason: x}, release: churn-1}\n", "{release: churn-1}\n"},
      {"{release: churn-1, hold: {reason: x}, except: []}\n", "{release: churn-1, except: []}\n"},
      {"{hold: {reason: x}}\n", "{}\n"},
      {"release: churn-1 # nothing is held\n", "release: churn-1 # nothing is held\n"}};
  for (const Edited& one : cases) {
    const Parsed<std::string> edited = SetHold(kProd, kChurn, one.before, std::nullopt);
    ASSERT_TRUE(edited.has_value()) << one.before << Describe(edited.error());
    EXPECT_EQ(*edited, one.after);
    EXPECT_FALSE(ReadDesired(kProd, kChurn, *edited).hold.has_value());
  }
}

TEST(SetHold, TakesItOutBesideProblemsThatAreNotItsOwn) {
  const std::vector<Edited> cases = {
      {"release: shop-1\nhold: {reason: x}\nexcept: 7\n", "release: shop-1\nexcept: 7\n"},
      {"{hold: {reason: x}, relese: churn-1}\n", "{relese: churn-1}\n"},
      {"relese: churn-1\n", "relese: churn-1\n"}};
  for (const Edited& one : cases) {
    const Parsed<std::string> edited = SetHold(kProd, kChurn, one.before, std::nullopt);
    ASSERT_TRUE(edited.has_value()) << one.before << Describe(edited.error());
    EXPECT_EQ(*edited, one.after);
    EXPECT_FALSE(SetHold(kProd, kChurn, one.before, kFair).has_value()) << "nothing else is edited";
  }
  EXPECT_FALSE(
      SetHold(kProd, kChurn, "hold: {reason: x, until: soon}\n", std::nullopt).has_value());
}

TEST(SetHold, CreatesAFileWithAHeaderAndKeepsHostileReasonsInTheirPlace) {
  EXPECT_EQ(*SetHold(kProd, kChurn, std::nullopt, Hold{std::nullopt, "x", true}),
            "# Which release of churn people want in prod.\nhold: {reason: \"x\"}\n");
  for (const std::string reason : {"a\nrelease: churn-1", "\"}\nrelease: newest", "# x", "\\"}) {
    const Parsed<std::string> edited =
        SetHold(kProd, kChurn, "release: churn-1\n", Hold{std::nullopt, reason, true});
    ASSERT_TRUE(edited.has_value()) << Describe(edited.error());
    const Desired desired = ReadDesired(kProd, kChurn, *edited);
    EXPECT_EQ(desired.hold->reason, EscapeControls(reason));
    EXPECT_EQ(desired.release, ReleaseName("churn-1"));
  }
}

TEST(SetHold, RefusesBrokenFilesAndAHoldWithoutReason) {
  EXPECT_FALSE(SetHold(kProd, kChurn, "release: [\n", kFair).has_value());
  EXPECT_FALSE(SetHold(kProd, kChurn, "hold:\n", std::nullopt).has_value());
  EXPECT_FALSE(SetHold(kProd, kChurn, "", Hold{std::nullopt, "", true}).has_value());
}

}  // namespace
}  // namespace failgate
