#include "controller/promotion/desired_file.h"

#include <gtest/gtest.h>

#include <random>

#include "controller/base/text.h"
#include "controller/promotion/wanted.h"

namespace failgate {
namespace {

const EnvironmentName kProd("prod");
const ProjectName kChurn("churn");

Desired Read(const std::string& text) {
  return ReadDesired(kProd, kChurn, text);
}

TEST(Desired, ReadsANamedReleaseAndExceptions) {
  const Desired desired = Read(
      "release: churn-42\n"
      "except:\n"
      "  - {release: churn-41, because: both, reason: \"scores jumped\", by: alice@example.com}\n"
      "  - {release: churn-40, because: code}\n");
  ASSERT_TRUE(desired.problems.empty()) << Describe(desired.problems);
  EXPECT_EQ(desired.release, ReleaseName("churn-42"));
  EXPECT_FALSE(desired.newest);
  ASSERT_EQ(desired.except.size(), 2U);
  EXPECT_EQ(
      desired.except[0],
      (Exception{ReleaseName("churn-41"), Because::kBoth, "scores jumped", "alice@example.com"}));
}

TEST(Desired, ReadsNewestAndAnEmptyFile) {
  EXPECT_TRUE(Read("release: newest\n").newest);
  const Desired empty = Read("# nothing yet\n");
  EXPECT_TRUE(empty.problems.empty());
  EXPECT_FALSE(empty.newest);
  EXPECT_FALSE(empty.release.has_value());
}

TEST(Desired, RefusesWithPlaceAndReason) {
  struct Refused {
    const char* text;
    const char* says;
  };
  const std::vector<Refused> cases = {
      {"release: 42\n", "desired/prod/churn.yaml:1:10: release: \"42\" is no release of churn"},
      {"release: other-42\n", "is no release of churn: write churn-NUMBER, such as churn-42"},
      {"release: latest\n", "is no release of churn"},
      {"release: [churn-1]\n", "must be a text"},
      {"relase: churn-1\n", "1:1: unknown key \"relase\": did you mean \"release\"?"},
      {"except: churn-1\n", "except must be a list"},
      {"except: [churn-1]\n", "except[0] must be a mapping"},
      {"except: [~]\n", "except[0] needs \"release\""},
      {"except: [{release: churn-1}]\n", "except[0] needs \"because\""},
      {"except: [{release: churn-1, because: bad}]\n", "except[0].because"},
      {"except: [{because: code}]\n", "except[0] needs \"release\""},
      {"except: [{release: other-1, because: code}]\n", "is no release of churn"},
      {"except: [{release: churn-1, because: code, by: alice}]\n", "is no person"},
      {"except: [{release: churn-1, because: code, why: x}]\n", "unknown key \"why\""},
      {"release: churn-1\nrelease: churn-2\n", "2:1"},
      {"release: churn-1\n---\nrelease: churn-2\n", "second document"},
      {"- churn-1\n", "must be a mapping"}};
  for (const Refused& one : cases) {
    const Desired desired = Read(one.text);
    EXPECT_NE(Describe(desired.problems).find(one.says), std::string::npos)
        << one.text << Describe(desired.problems);
    EXPECT_EQ(Wanted(Policy::kDeployment, &desired), WantedRelease{}) << one.text;
  }
}

TEST(Desired, ReadsAHold) {
  const Desired desired = Read(
      "release: churn-1\n"
      "hold: {until: 2026-12-01T09:00:00.7+01:00, reason: \"year end\", healing: off}\n");
  ASSERT_TRUE(desired.problems.empty()) << Describe(desired.problems);
  EXPECT_EQ(desired.hold, (Hold{ParseTime("2026-12-01T08:00:00Z"), "year end", false}));
  EXPECT_EQ(Wanted(Policy::kDeployment, &desired).release, ReleaseName("churn-1"));
  EXPECT_EQ(Read("hold: {reason: x}\n").hold, (Hold{std::nullopt, "x", true}));
}

TEST(Desired, AHoldThatCannotBeReadIsAFaultAndNeverNoHold) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"hold:\n", "hold needs \"reason\""},
      {"hold: {}\n", "hold needs \"reason\""},
      {"hold: yes\n", "hold must be a mapping"},
      {"hold: {until: 2026-12-01, reason: x}\n", "1:15: hold.until: \"2026-12-01\" is no time"},
      {"hold: {reason: x, healing: no}\n", "hold.healing"},
      {"hold: {reason: x, heeling: off}\n", "did you mean \"healing\"?"}};
  for (const auto& one : cases) {
    const Desired desired = Read(one.first);
    EXPECT_NE(Describe(desired.problems).find(one.second), std::string::npos)
        << one.first << Describe(desired.problems);
    EXPECT_EQ(Wanted(Policy::kDeployment, &desired), WantedRelease{}) << one.first;
  }
}

TEST(Wanted, FollowsPolicyAndFile) {
  using Kind = WantedRelease::Kind;
  const Desired named = Read("release: churn-42\n");
  const Desired newest = Read("release: newest\n");
  const Desired empty = Read("");
  EXPECT_EQ(Wanted(Policy::kDelivery, nullptr).kind, Kind::kNothing);
  EXPECT_EQ(Wanted(Policy::kDeployment, nullptr).kind, Kind::kNewest);
  EXPECT_EQ(Wanted(Policy::kDelivery, &named),
            (WantedRelease{Kind::kNamed, ReleaseName("churn-42")}));
  EXPECT_EQ(Wanted(Policy::kDeployment, &named).kind, Kind::kNamed);
  EXPECT_EQ(Wanted(Policy::kDelivery, &newest).kind, Kind::kNothing);
  EXPECT_EQ(Wanted(Policy::kDeployment, &newest).kind, Kind::kNewest);
  const Desired none = Read("release: none\n");
  EXPECT_EQ(Wanted(Policy::kDelivery, &none).kind, Kind::kNone);
  EXPECT_EQ(Wanted(Policy::kDeployment, &none).kind, Kind::kNone);
  EXPECT_EQ(Wanted(Policy::kDelivery, &empty).kind, Kind::kNothing);
  EXPECT_EQ(Wanted(Policy::kDeployment, &empty).kind, Kind::kNewest);
}

struct Edited {
  std::string before;
  std::string after;
};

TEST(SetRelease, ChangesOnlyTheValue) {
  const std::vector<Edited> cases = {
      {"release: churn-1\n", "release: churn-7\n"},
      {"release: churn-1", "release: churn-7"},
      {"release:   'churn-1'   # why\n", "release:   churn-7   # why\n"},
      {"# top\n\nrelease: \"churn-1\"\r\nexcept: []\r\n",
       "# top\n\nrelease: churn-7\r\nexcept: []\r\n"},
      {"{release: churn-1, except: []}\n", "{release: churn-7, except: []}\n"},
      {"{except: []}\n", "{release: churn-7, except: []}\n"},
      {"{}\n", "{release: churn-7}\n"},
      {"release: newest\n", "release: churn-7\n"},
      {"release: none # gone\n", "release: churn-7 # gone\n"},
      {"release:\nexcept: []\n", "release: churn-7\nexcept: []\n"},
      {"release: ~ # none\n", "release: churn-7 # none\n"},
      {"# only words\n", "# only words\nrelease: churn-7\n"},
      {"# only words", "# only words\nrelease: churn-7\n"},
      {"", "release: churn-7\n"},
      {"# a\nexcept: []  # b\n# c\n", "# a\nrelease: churn-7\nexcept: []  # b\n# c\n"},
      {"---\n  except: []\n", "---\n  release: churn-7\n  except: []\n"},
      {"except: []\r\n", "release: churn-7\r\nexcept: []\r\n"},
      {"release: churn-7 # there already\n", "release: churn-7 # there already\n"}};
  for (const Edited& one : cases) {
    const Parsed<std::string> edited = SetRelease(kProd, kChurn, one.before, "churn-7");
    ASSERT_TRUE(edited.has_value()) << one.before << Describe(edited.error());
    EXPECT_EQ(*edited, one.after);
  }
}

TEST(SetRelease, CreatesAFileWithAHeader) {
  const Parsed<std::string> created = SetRelease(kProd, kChurn, std::nullopt, "newest");
  EXPECT_EQ(*created, "# Which release of churn people want in prod.\nrelease: newest\n");
}

TEST(SetRelease, RefusesBrokenFilesAndForeignReleases) {
  EXPECT_FALSE(SetRelease(kProd, kChurn, "release: [\n", "churn-7").has_value());
  EXPECT_FALSE(SetRelease(kProd, kChurn, "hold: {}\n", "churn-7").has_value());
  EXPECT_FALSE(SetRelease(kProd, kChurn, "release: churn-1\n", "other-7").has_value());
  EXPECT_FALSE(SetRelease(kProd, kChurn, "release: churn-1\n", "churn-7\nhold: {}").has_value());
}

const Exception kBad{ReleaseName("churn-9"), Because::kBoth, "scores jumped", "a@b.c"};
const std::string kBadText =
    R"({release: churn-9, because: both, reason: "scores jumped", by: "a@b.c"})";

TEST(AddException, KeepsLayoutAndComments) {
  const std::vector<Edited> cases = {
      {"release: churn-1\n", "release: churn-1\nexcept:\n  - " + kBadText + "\n"},
      {"release: churn-1", "release: churn-1\nexcept:\n  - " + kBadText + "\n"},
      {"release: churn-1 # x\n# end\n",
       "release: churn-1 # x\nexcept:\n  - " + kBadText + "\n# end\n"},
      {"  release: churn-1\n", "  release: churn-1\n  except:\n    - " + kBadText + "\n"},
      {"release: churn-1\r\n", "release: churn-1\r\nexcept:\r\n  - " + kBadText + "\r\n"},
      {"except: []\n", "except: [" + kBadText + "]\n"},
      {"except:  # none\nrelease: churn-1\n",
       "except: [" + kBadText + "]  # none\nrelease: churn-1\n"},
      {"except: ~\n", "except: [" + kBadText + "]\n"},
      {"{release: churn-1}\n", "{except: [" + kBadText + "], release: churn-1}\n"},
      {"except: [{release: churn-2, because: code}]\n",
       "except: [" + kBadText + ", {release: churn-2, because: code}]\n"},
      {"except:\n- release: churn-2\n  because: code # c\n# d\nrelease: churn-1\n",
       "except:\n- release: churn-2\n  because: code # c\n- " + kBadText +
           "\n# d\nrelease: churn-1\n"},
      {"except:\n    - {release: churn-2, because: code}\n",
       "except:\n    - {release: churn-2, because: code}\n    - " + kBadText + "\n"},
      {"except:\n  - release: churn-2\n    because: code\n    reason: |\n      a\n      b\n"
       "release: churn-1\n",
       "except:\n  - release: churn-2\n    because: code\n    reason: |\n      a\n      b\n  - " +
           kBadText + "\nrelease: churn-1\n"},
      {"# words\n", "# words\nexcept:\n  - " + kBadText + "\n"}};
  for (const Edited& one : cases) {
    const Parsed<std::string> edited = AddException(kProd, kChurn, one.before, kBad);
    ASSERT_TRUE(edited.has_value()) << one.before << Describe(edited.error());
    EXPECT_EQ(*edited, one.after);
    EXPECT_EQ(*AddException(kProd, kChurn, *edited, kBad), *edited) << "twice is once";
  }
}

TEST(AddException, KeepsHostileReasonsInTheirPlace) {
  for (const std::string reason : {"a\nrelease: churn-1",
                                   "\"}], hold: {}",
                                   "# x",
                                   "\\",
                                   "\x01\x7f",
                                   "é “x” \u202e",
                                   "${{ x }}"}) {
    const Exception bad{ReleaseName("churn-9"), Because::kCode, reason, ""};
    const Parsed<std::string> edited = AddException(kProd, kChurn, "release: churn-1\n", bad);
    ASSERT_TRUE(edited.has_value()) << Describe(edited.error());
    const Desired desired = Read(*edited);
    EXPECT_EQ(desired.except[0].reason, EscapeControls(reason));
    EXPECT_EQ(desired.release, ReleaseName("churn-1"));
  }
}

TEST(AddException, RefusesForeignReleasesAndPersons) {
  EXPECT_FALSE(AddException(kProd, kChurn, "", {ReleaseName("other-1"), Because::kAll, "x", ""})
                   .has_value());
  EXPECT_FALSE(AddException(kProd, kChurn, "", {ReleaseName("churn-1"), Because::kAll, "x", "bob"})
                   .has_value());
  EXPECT_FALSE(AddException(kProd, kChurn, "except: {}\n", kBad).has_value());
}

/// Every line of `before` that the edit need not touch is in `after`, byte by byte and in order.
bool KeepsLines(const std::string& before, const std::string& after, const std::string& touched) {
  const std::vector<std::string> lines = Split(after, '\n');
  std::size_t at = 0;
  for (const std::string& line : Split(before, '\n')) {
    if (line.find(touched) != std::string::npos) continue;
    while (at < lines.size() && lines[at] != line) ++at;
    if (at == lines.size()) return false;
    ++at;
  }
  return true;
}

TEST(Edits, GiveWhatWasAskedAndKeepAllOtherLines) {
  std::mt19937 random(42);
  const auto pick = [&random](int from, int to) {
    return std::uniform_int_distribution<int>(from, to)(random);
  };
  const std::vector<std::string> fillers = {"", "# words: with - signs", "   # indented", "#"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const auto filler = [&] {
      for (int i = pick(0, 2); i > 0; --i) {
        text += fillers[static_cast<std::size_t>(pick(0, 3))] + "\n";
      }
    };
    const auto release = [&] {
      if (pick(0, 3) > 0) text += "release: churn-" + std::to_string(pick(1, 99)) + "  # now\n";
    };
    filler();
    const bool release_first = pick(0, 1) == 1;
    if (release_first) release();
    filler();
    int exceptions = pick(0, 3);
    if (exceptions > 0) {
      text += "except:\n";
      const std::string indent(static_cast<std::size_t>(pick(0, 4)), ' ');
      for (int i = 0; i < exceptions; ++i) {
        text += indent + "- release: churn-" + std::to_string(100 + i) + "\n" + indent +
                "  because: data # item\n";
        if (pick(0, 2) == 0) text += indent + "  reason: |\n" + indent + "    # not a comment\n";
      }
    }
    filler();
    if (!release_first) release();
    filler();
    const Parsed<std::string> set = SetRelease(kProd, kChurn, text, "churn-500");
    ASSERT_TRUE(set.has_value()) << text << Describe(set.error());
    EXPECT_EQ(Read(*set).release, ReleaseName("churn-500"));
    EXPECT_TRUE(KeepsLines(text, *set, "# now")) << text << "=>\n" << *set;
    const Parsed<std::string> both = AddException(kProd, kChurn, *set, kBad);
    ASSERT_TRUE(both.has_value()) << *set << Describe(both.error());
    EXPECT_EQ(Read(*both).except.size(), static_cast<std::size_t>(exceptions) + 1);
    EXPECT_TRUE(KeepsLines(*set, *both, "\x01")) << *set << "=>\n" << *both;
  }
}

}  // namespace
}  // namespace failgate
