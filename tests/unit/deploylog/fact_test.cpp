#include "controller/deploylog/fact.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

Fact Deployed() {
  Fact fact;
  fact.kind = FactKind::kDeployed;
  fact.at = *ParseTime("2026-11-23T09:00:00Z");
  fact.subject = "deployed churn-42 to prod";
  fact.project = ProjectName("churn");
  fact.environment = EnvironmentName("prod");
  fact.release = ReleaseName("churn-42");
  fact.Add("Gate", "tests pass (unit 212)");
  fact.Add("Gate", "coverage pass (lines 91 %)");
  return fact;
}

TEST(FactMessage, HasTheFormOfTheContract) {
  EXPECT_EQ(FormatFactMessage(Deployed(), 812),
            "deployed churn-42 to prod\n"
            "\n"
            "Fact: deployed\n"
            "Sequence: 812\n"
            "At: 2026-11-23T09:00:00Z\n"
            "Project: churn\n"
            "Environment: prod\n"
            "Release: churn-42\n"
            "Gate: tests pass (unit 212)\n"
            "Gate: coverage pass (lines 91 %)\n");
}

TEST(FactMessage, ReadsBackWhatItWrote) {
  Fact fact = Deployed();
  fact.recovered = true;
  const auto read = ParseFactMessage(FormatFactMessage(fact, 7));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->sequence, 7);
  EXPECT_EQ(read->fact.kind, FactKind::kDeployed);
  EXPECT_EQ(read->fact.at, fact.at);
  EXPECT_EQ(read->fact.release, fact.release);
  EXPECT_EQ(read->fact.trailers, fact.trailers);
  EXPECT_TRUE(read->fact.recovered);
}

TEST(FactMessage, TextOfAPersonCannotBecomeATrailer) {
  Fact fact = Deployed();
  fact.subject = "x\n\nFact: promoted";
  fact.trailers = {{"Reason", "bad scores\nApproved-by: eve@example.com\r\nSequence: 1"}};
  const auto read = ParseFactMessage(FormatFactMessage(fact, 3));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->sequence, 3);
  EXPECT_EQ(read->fact.kind, FactKind::kDeployed);
  EXPECT_FALSE(read->Value("Approved-by").has_value());
  EXPECT_EQ(*read->Value("Reason"),
            "bad scores\\u000aApproved-by: eve@example.com\\u000d\\u000aSequence: 1");
}

TEST(FactMessage, EveryKindHasAWordThatReadsBack) {
  for (const char* word : {"started",
                           "released",
                           "decided",
                           "approved",
                           "rejected",
                           "withdrawn",
                           "promoted",
                           "deployed",
                           "failed",
                           "rolled-back",
                           "drifted",
                           "healed",
                           "resumed",
                           "superseded",
                           "refused"}) {
    const auto kind = ParseFactWord(word);
    ASSERT_TRUE(kind.has_value()) << word;
    EXPECT_EQ(FactWord(*kind), word);
  }
  EXPECT_FALSE(ParseFactWord("deleted").has_value());
}

TEST(FactMessage, RefusesWhatIsNoFact) {
  for (const char* message :
       {"",
        "just a subject\n",
        "a\nb\nFact: deployed\n",
        "a\n\nFact: deployed\n",
        "a\n\nFact: nonsense\nSequence: 1\nAt: 2026-11-23T09:00:00Z\n",
        "a\n\nFact: deployed\nSequence: 0\nAt: 2026-11-23T09:00:00Z\n",
        "a\n\nFact: deployed\nSequence: 1\nSequence: 2\nAt: 2026-11-23T09:00:00Z\n",
        "a\n\nFact: deployed\nFact: failed\nSequence: 1\nAt: 2026-11-23T09:00:00Z\n",
        "a\n\nFact: deployed\nSequence: 1\nAt: yesterday\n",
        "a\n\nFact: deployed\nSequence: 1\nAt: 2026-11-23T09:00:00Z\nno trailer\n"}) {
    EXPECT_FALSE(ParseFactMessage(message).has_value()) << message;
  }
}

}  // namespace
}  // namespace failgate
