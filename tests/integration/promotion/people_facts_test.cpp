// Who has a token or a key, as the log tells it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/deploylog/people_state.h"
#include "tests/integration/promotion/signing_people.h"

namespace failgate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PeopleInTheLog : public testing::Test {
 protected:
  /// Subjects of all facts about people, oldest first.
  std::vector<std::string> Told() {
    const Repository origin = Repository::Open(world_.operations.origin());
    LogFilter filter;
    filter.kind = FactKind::kTokenChanged;
    filter.limit = 1000;
    std::vector<std::string> subjects;
    for (const LogEntry& entry : ReadHistory(origin, *origin.Ref(kDeployLogRef), filter)) {
      subjects.insert(subjects.begin(), entry.written.fact.subject);
    }
    return subjects;
  }
  PeopleState State() {
    const Repository origin = Repository::Open(world_.operations.origin());
    return LogTree(origin, origin.Ref(kDeployLogRef)).People();
  }
  std::string Create(const std::string& email) {
    return world_.Tokens().Create({"", email}, Role::kApprover, {}, std::nullopt, "root").id;
  }
  void ExpectProven() {
    const AuditReport report = world_.Audit();
    EXPECT_TRUE(report.ok()) << WriteJson(report);
  }

  LadderWorld world_;
  SigningPeople people_{world_};
};

TEST_F(PeopleInTheLog, HaveEachTokenToldOnce) {
  const std::string id = Create("alice@example.com");
  world_.Turn();
  world_.Restart();
  world_.Turn();
  world_.Tokens().Revoke(id, "root");
  world_.Tokens().Revoke(id, "root");
  world_.Turn();
  EXPECT_THAT(
      Told(),
      ElementsAre(HasSubstr("token created for alice"), HasSubstr("token revoked for alice")));
  EXPECT_TRUE(State().tokens.empty());
  EXPECT_TRUE(world_.Tokens().OwedChanges(10).empty());
  ExpectProven();
}

TEST_F(PeopleInTheLog, LoseTheirTokensWithTheDatabaseAndTheLogSaysSo) {
  Create("alice@example.com");
  world_.Turn();
  world_.Restart(true);
  world_.Turn();
  EXPECT_THAT(Told(),
              ElementsAre(HasSubstr("token created for alice"), HasSubstr("token lost for alice")));
  EXPECT_TRUE(State().tokens.empty());
  ExpectProven();
}

TEST_F(PeopleInTheLog, HaveTheirKeysToldAsMainListsThem) {
  people_.List(people_.Line("alice@example.com") + people_.Line("bob@example.com"));
  people_.List(people_.Line("bob@example.com") + "# a comment is no key\n");
  people_.List(people_.Line("bob@example.com"));
  EXPECT_THAT(Told(),
              ElementsAre("keys of people_signers changed: 2 added, 0 removed",
                          "keys of people_signers changed: 0 added, 1 removed"));
  EXPECT_THAT(State().keys,
              ElementsAre(HasSubstr("bob@example.com namespaces=git,failgate-approval")));
  ExpectProven();
}

}  // namespace
}  // namespace failgate
