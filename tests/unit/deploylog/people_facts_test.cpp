// What the log makes of tokens and keys, told once each, and what an auditor does not believe.
#include "controller/deploylog/people_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/durable_file.h"

namespace failgate {
namespace {

using testing::ElementsAre;

const TimePoint kNine = *ParseTime("2026-11-30T09:00:00Z");

TokenChange Change(const std::string& id, bool revoked) {
  TokenChange change;
  change.id = id;
  change.token.identity.id = "t1";
  change.token.identity.person = Person{"Alice", "alice@example.com"};
  change.token.identity.role = Role::kApprover;
  change.token.identity.projects = {"churn", "pricing"};
  change.token.expires = kNine + std::chrono::hours(1) + Milliseconds(7);
  change.revoked = revoked;
  change.by = "root";
  change.at = kNine + Milliseconds(3);
  return change;
}

/// The drafts one after the other on the same people.json; each is told to an auditor too.
class ToldPeople : public testing::Test {
 protected:
  bool Tell(const FactDraft& draft) {
    Fact fact = draft.fact;
    PeopleState after = people_;
    LogEdit edit{fact, tree_};
    edit.people = &after;
    if (!draft.change(edit)) {
      return false;
    }
    after.sequence = ++sequence_;
    written_ = ParseFactMessage(FormatFactMessage(fact, sequence_)).value();
    EXPECT_TRUE(CheckState(people_, WriteJson(after), written_).empty()) << WriteJson(after);
    EXPECT_EQ(WriteJson(ReadPeopleState(WriteJson(after)).value()), WriteJson(after));
    people_ = after;
    return true;
  }
  std::vector<AuditKind> Found(const PeopleState& before, WrittenFact written) {
    std::vector<AuditFinding> findings;
    static_cast<void>(ExpectedPeople(before, written, findings));
    std::vector<AuditKind> kinds;
    for (const AuditFinding& finding : findings) {
      kinds.push_back(finding.kind);
    }
    return kinds;
  }

  TemporaryFolder folder_;
  Repository repository_ = Repository::InitBare(folder_.path() / "log.git");
  LogTree tree_{repository_, std::nullopt};
  PeopleState people_;
  WrittenFact written_;
  long sequence_ = 0;
};

TEST_F(ToldPeople, HaveATokenUntilItIsRevoked) {
  ASSERT_TRUE(Tell(TokenChangedDraft(Change("c1", false))));
  EXPECT_EQ(written_.fact.subject,
            "token created for Alice <alice@example.com>: approver of churn,pricing");
  EXPECT_EQ(written_.Value("Token"), "t1");
  EXPECT_EQ(written_.Value("Expires"), "2026-11-30T10:00:00Z");
  EXPECT_EQ(written_.Value("Host-user"), "root");
  EXPECT_EQ(people_.tokens.at("t1").role, "approver");
  ASSERT_TRUE(Tell(TokenChangedDraft(Change("c2", true))));
  EXPECT_TRUE(people_.tokens.empty());
  EXPECT_THAT(people_.told, ElementsAre("c1", "c2"));
}

TEST_F(ToldPeople, AreToldOnceAlsoWhenBothFactsWereWrittenBeforeAKill) {
  ASSERT_TRUE(Tell(TokenChangedDraft(Change("c1", false))));
  ASSERT_TRUE(Tell(TokenChangedDraft(Change("c2", true))));
  EXPECT_FALSE(Tell(TokenChangedDraft(Change("c1", false))));
  EXPECT_FALSE(Tell(TokenChangedDraft(Change("c2", true))));
}

TEST_F(ToldPeople, LoseTokensWithTheirTimeAndWithTheDatabase) {
  ASSERT_TRUE(Tell(TokenChangedDraft(Change("c1", false))));
  ASSERT_TRUE(Tell(TokenLostDraft("t1", kNine)));
  EXPECT_EQ(written_.Value("Change"), "lost");
  EXPECT_TRUE(people_.tokens.empty());
  EXPECT_FALSE(Tell(TokenLostDraft("t1", kNine)));
  ASSERT_TRUE(Tell(TokenRestoredDraft(Change("", false).token, kNine)));
  EXPECT_FALSE(Tell(TokenRestoredDraft(Change("", false).token, kNine)));
  TokenChange other = Change("c3", false);
  other.token.identity.id = "t2";
  other.token.expires.reset();
  other.at = kNine + std::chrono::hours(1);
  ASSERT_TRUE(Tell(TokenChangedDraft(other)));
  EXPECT_EQ(people_.tokens.count("t1"), 0U) << "its hour was over";
  EXPECT_FALSE(Tell(TokenChangedDraft(Change("c4", true)))) << "it opened nothing any more";
}

TEST_F(ToldPeople, HaveTheKeysThatCount) {
  const CommitId commit(std::string(40, 'a'));
  const ObjectId blob(std::string(40, 'b'));
  ASSERT_TRUE(Tell(KeysChangedDraft({"SHA256:1 a@x", "SHA256:2 b@x"}, blob, commit, kNine)));
  EXPECT_EQ(written_.fact.subject, "keys of people_signers changed: 2 added, 0 removed");
  EXPECT_EQ(written_.Value("Listed"), "people_signers@" + blob.text());
  EXPECT_FALSE(Tell(KeysChangedDraft({"SHA256:1 a@x", "SHA256:2 b@x"}, blob, commit, kNine)));
  ASSERT_TRUE(Tell(KeysChangedDraft({"SHA256:2 b@x"}, blob, commit, kNine)));
  EXPECT_EQ(written_.Value("Key"), "removed SHA256:1 a@x");
  EXPECT_THAT(people_.keys, ElementsAre("SHA256:2 b@x"));
  ASSERT_TRUE(Tell(KeysChangedDraft({}, ObjectId(), commit, kNine)));
  EXPECT_EQ(written_.Value("Listed"), "none");
}

TEST_F(ToldPeople, AreNotBelievedWhatCannotBe) {
  ASSERT_TRUE(Tell(TokenChangedDraft(Change("c1", false))));
  EXPECT_THAT(Found(people_, written_), ElementsAre(AuditKind::kOrphan)) << "it counted already";
  ASSERT_TRUE(Tell(TokenChangedDraft(Change("c2", true))));
  EXPECT_THAT(Found(people_, written_), ElementsAre(AuditKind::kOrphan)) << "nobody had it";
  WrittenFact neither = written_;
  neither.fact.trailers.clear();
  EXPECT_THAT(Found(people_, neither), ElementsAre(AuditKind::kRewritten));
  for (const char* key : {"added SHA256:1 a@x", "dropped SHA256:1 a@x"}) {
    PeopleState before;
    before.keys = {"SHA256:1 a@x"};
    neither.fact.trailers = {{"Key", key}};
    EXPECT_EQ(Found(before, neither).size(), 1U) << key;
  }
}

TEST_F(ToldPeople, AreReadStrictly) {
  EXPECT_FALSE(ReadPeopleState("{}"));
  EXPECT_FALSE(ReadPeopleState(R"({"sequence":1.5,"tokens":{},"told":[],"keys":[]})"));
  EXPECT_FALSE(ReadPeopleState(R"({"sequence":1,"tokens":[],"told":[7],"keys":[]})"));
  EXPECT_TRUE(ReadPeopleState(R"({"sequence":1,"tokens":{},"told":[],"keys":[]})"));
}

}  // namespace
}  // namespace failgate
