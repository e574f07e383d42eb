// A signed commit on main is a person's request; anything less is nobody's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/git/ssh_keygen.h"
#include "controller/promotion/desired_file.h"
#include "controller/promotion/request_audit.h"
#include "tests/integration/promotion/signing_people.h"

namespace failgate {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kAlice = "alice@example.com";
constexpr const char* kBob = "bob@example.com";
constexpr const char* kCarol = "carol@example.com";
constexpr const char* kEve = "eve@example.com";
constexpr const char* kDesired = "desired/prod/app.yaml";

class SignedRequest : public testing::Test {
 protected:
  SignedRequest() {
    Release("one");
    people_.List(people_.Line(kAlice) + people_.Line(kBob));
  }
  void Release(const std::string& content) {
    world_.PassRun({5, 2, 90, content});
    world_.Turn();
  }
  /// Through prod, by an API request and two approvals.
  void Deploy(const std::string& release) {
    world_.Ask("promote", "prod", release, "dana@example.com", Role::kDeveloper);
    world_.Ask("approve", "prod", release, kBob);
    world_.Ask("approve", "prod", release, kCarol);
    world_.Turn();
  }
  void Want(const std::string& who, const std::string& text, const std::string& message) {
    wanted_ = people_.Commit(who, {{kDesired, text}}, message);
    world_.Turn();
  }
  /// As main has it now.
  std::vector<Exception> Excepted() {
    world_.operations.Pull();
    const std::string text = ReadFile(world_.operations.clone() / kDesired);
    return ReadDesired(EnvironmentName("prod"), ProjectName("app"), text).except;
  }
  /// Trailer of the newest fact of this kind about prod.
  std::string Told(FactKind kind, const std::string& key) {
    const Repository origin = Repository::Open(world_.operations.origin());
    LogFilter filter;
    filter.environment = EnvironmentName("prod");
    filter.limit = 1000;
    for (const LogEntry& entry : ReadHistory(origin, *origin.Ref(kDeployLogRef), filter)) {
      if (entry.written.fact.kind == kind) {
        return entry.written.Value(key).value_or("");
      }
    }
    return "no such fact";
  }
  void ExpectProven() {
    const AuditReport report = world_.Audit();
    EXPECT_TRUE(report.ok()) << (report.problems.empty() ? "" : report.problems[0].text);
    const Repository origin = Repository::Open(world_.operations.origin());
    ProcessRunner processes;
    SshKeygen prover(processes);
    AuditReport requests;
    AuditRequests(
        origin, *origin.Ref(kDeployLogRef), origin.Ref(kMainRef), std::nullopt, prover, requests);
    EXPECT_TRUE(requests.ok()) << WriteJson(requests);
    EXPECT_EQ(requests.attested, 0U);
  }
  void ExpectRefused(const std::string& why) {
    EXPECT_EQ(world_.Status("prod").state, "refused") << world_.Status("prod").text;
    EXPECT_THAT(world_.Status("prod").text, HasSubstr(why));
    EXPECT_THAT(Told(FactKind::kRefused, "Reason"), HasSubstr(why));
    EXPECT_EQ(Told(FactKind::kRefused, "Wanted"), wanted_);
    ExpectProven();
  }

  LadderWorld world_;
  SigningPeople people_{world_};
  std::string wanted_;
};

TEST_F(SignedRequest, HasThePersonAsRequesterAndTheBodyAsReason) {
  Want(kAlice, "release: app-1\n", "Want app-1\n\nThe fair\nbegins.\n\nSigned-off-by: X <x@y>");
  EXPECT_EQ(world_.Status("prod").state, "waiting");
  EXPECT_EQ(Told(FactKind::kDecided, "Requested-by"), "A Person <alice@example.com>");
  EXPECT_EQ(Told(FactKind::kDecided, "Reason"), "The fair begins.");
  EXPECT_EQ(Told(FactKind::kDecided, "Via"), "commit");
  EXPECT_EQ(Told(FactKind::kDecided, "Wanted"), wanted_);
  EXPECT_THAT(Told(FactKind::kDecided, "Signed-with"), HasSubstr(" people_signers@"));
  world_.Ask("approve", "prod", "app-1", kAlice);
  world_.Ask("approve", "prod", "app-1", kBob);
  EXPECT_THAT(world_.Status("prod").text, HasSubstr("requester"));
  EXPECT_EQ(world_.Live("prod"), "");
  world_.Ask("approve", "prod", "app-1", kCarol);
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one");
  ExpectProven();
}

TEST_F(SignedRequest, MayComeFromAKeyOfAnotherKind) {
  people_.List(people_.Line(kCarol, "", "ecdsa"));
  Want(kCarol, "release: app-1\n", "Want it");
  EXPECT_EQ(Told(FactKind::kDecided, "Requested-by"), "A Person <carol@example.com>");
}

TEST_F(SignedRequest, RollsBackForAnApproverWithAReason) {
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  ASSERT_EQ(world_.Live("prod"), "two");
  Want(kAlice, "release: app-1\n", "Go back");
  ExpectRefused("a rollback asks a reason");
  Want(kAlice, "release: app-1 # again\n", "Go back\n\nscores jumped");
  EXPECT_EQ(world_.Live("prod"), "one") << world_.Status("prod").text;
  EXPECT_EQ(Told(FactKind::kRolledBack, "Requested-by"), "A Person <alice@example.com>");
  ExpectProven();
}

TEST_F(SignedRequest, HasWhatItTookBackExceptedForItsSignerOnce) {
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  // While main takes no commit of the controller the way back is gone all the same.
  const auto hook = world_.operations.origin() / "hooks/update";
  wanted_ =
      people_.Commit(kAlice, {{kDesired, "release: app-1 # back\n"}}, "Go back\n\nscores jumped");
  WriteFileDurably(hook, "#!/bin/sh\ntest \"$1\" != refs/heads/main\n", 0755);
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one") << world_.Status("prod").text;
  EXPECT_THAT(Excepted(), IsEmpty());
  std::filesystem::remove(hook);
  world_.Restart();
  world_.Turn();
  const Exception expected{
      ReleaseName("app-2"), Because::kBoth, "scores jumped", "alice@example.com"};
  EXPECT_THAT(Excepted(), ElementsAre(expected));
  const auto head = [this](const char* format) {
    return world_.operations.git().Run(world_.operations.clone(),
                                       {"log", "-1", std::string("--format=") + format});
  };
  EXPECT_EQ(head("%ae %s"), "alice@example.com Except app-2 in prod");
  const std::string written = head("%H");
  world_.Turn();
  world_.Restart(true);
  world_.Turn();
  EXPECT_THAT(Excepted(), ElementsAre(expected));
  EXPECT_EQ(head("%H"), written);
  EXPECT_THAT(ReadFile(world_.operations.clone() / kDesired), HasSubstr("release: app-1 # back"));
  // Whoever may change `except` lifts it, and it stays lifted.
  Want(kAlice, "release: app-1\n", "Forgive app-2\n\nit was the data");
  world_.Turn();
  EXPECT_THAT(Excepted(), IsEmpty());
  EXPECT_EQ(world_.Live("prod"), "one");
  ExpectProven();
}

TEST_F(SignedRequest, MayNotRollBackForAPersonWhoIsNoApproverThere) {
  people_.List(people_.Line(kAlice) + people_.Line(kEve));
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  Want(kEve, "release: app-1\n", "Go back\n\nI like it");
  ExpectRefused("a rollback asks the role approver");
  EXPECT_EQ(world_.Live("prod"), "two");
  EXPECT_EQ(Told(FactKind::kRefused, "Requested-by"), "A Person <eve@example.com>");
}

TEST_F(SignedRequest, HoldsAndResumesForAnApprover) {
  Want(kAlice, "release: app-1\nhold: {reason: the fair}\n", "Hold");
  EXPECT_THAT(world_.Status("prod").text, HasSubstr("held by A Person <alice@example.com>"));
  EXPECT_EQ(Told(FactKind::kHeld, "Via"), "commit");
  Want(kAlice, "release: app-1\n", "Go on\n\nit is over");
  EXPECT_EQ(Told(FactKind::kResumed, "Reason"), "it is over");
  EXPECT_NE(world_.Status("prod").state, "held");
  ExpectProven();
}

TEST_F(SignedRequest, MayNotTakeAwayWhatRuns) {
  Deploy("app-1");
  Want(kAlice, "release: none\n", "Away\n\nold");
  ExpectRefused("asks the role operator");
  EXPECT_EQ(world_.Live("prod"), "one");
}

TEST_F(SignedRequest, IsNobodysWhenItsKeyCameWithTheSamePush) {
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  world_.operations.Pull();
  world_.operations.Commit(
      {{"people_signers", people_.Line(kAlice) + people_.Line(kBob) + people_.Line(kCarol)}},
      "Add a key");
  wanted_ = people_.CommitLocally(kCarol, {{kDesired, "release: app-1\n"}}, "Back\n\nbad");
  world_.operations.Push();
  world_.Turn();
  ExpectRefused("came into people_signers with the same push");
  world_.Restart();
  world_.Turn();
  EXPECT_EQ(world_.Status("prod").state, "refused");
  EXPECT_EQ(world_.Live("prod"), "two");
  Want(kCarol, "release: app-1 # again\n", "Back\n\nbad");
  EXPECT_EQ(world_.Live("prod"), "one");
}

TEST_F(SignedRequest, IsNobodysInTheCommitThatListsItsKey) {
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  const std::string all = people_.Line(kAlice) + people_.Line(kCarol);
  wanted_ = people_.Commit(
      kCarol, {{"people_signers", all}, {kDesired, "release: app-1\n"}}, "Back\n\nbad");
  world_.Turn();
  ExpectRefused("which is no allowed key");
}

TEST_F(SignedRequest, NoLongerCountsWhenItsKeyWasTakenOut) {
  Want(kAlice, "release: app-1\n", "Want it");
  EXPECT_EQ(Told(FactKind::kDecided, "Requested-by"), "A Person <alice@example.com>");
  people_.List(people_.Line(kBob));
  world_.Ask("approve", "prod", "app-1", kBob);
  world_.Ask("approve", "prod", "app-1", kCarol);
  world_.Turn();
  // A promotion by nobody, which approvals of two others let in.
  EXPECT_EQ(Told(FactKind::kPromoted, "Requested-by"), "");
}

TEST_F(SignedRequest, IsNobodysByAKeyForApprovalsOnly) {
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  people_.List(people_.Line(kAlice, "namespaces=\"failgate-approval\""));
  Want(kAlice, "release: app-1\n", "Back\n\nbad");
  ExpectRefused("not allowed for \"git\"");
}

TEST_F(SignedRequest, IsNobodysByAKeyThatWasNotValidThen) {
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  people_.List(people_.Line(kBob, "valid-before=\"20200101Z\""));
  // A date before the parent's does not help.
  people_.date = "2019-01-01T00:00:00Z";
  Want(kBob, "release: app-1\n", "Back\n\nbad");
  ExpectRefused("was not valid at");
}

TEST_F(SignedRequest, IsNobodysWhilePeopleSignersIsBroken) {
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  people_.List(people_.Line(kAlice) + "bob\n");
  Want(kAlice, "release: app-1\n", "Back\n\nbad");
  ExpectRefused("nobody's signature counts");
  EXPECT_EQ(world_.Live("prod"), "two");
}

TEST_F(SignedRequest, IsLostBySquashAndRebase) {
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  world_.operations.Pull();
  people_.CommitLocally(kAlice, {{kDesired, "release: app-1\n"}}, "Back\n\nbad");
  GitWorld& operations = world_.operations;
  operations.git().Run(operations.clone(), {"commit", "-q", "--amend", "--no-edit"});
  wanted_ = operations.git().Run(operations.clone(), {"rev-parse", "HEAD"});
  operations.Push();
  world_.Turn();
  ExpectRefused("a commit without a known signature may not ask for a rollback");
}

TEST_F(SignedRequest, OfAMergeIsTheMergesOwn) {
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  GitWorld& operations = world_.operations;
  operations.Pull();
  const auto git = [&](const std::vector<std::string>& arguments) {
    operations.git().Run(operations.clone(), arguments);
  };
  git({"checkout", "-q", "-b", "back"});
  people_.CommitLocally(kAlice, {{kDesired, "release: app-1\n"}}, "Back\n\nbad");
  git({"checkout", "-q", "main"});
  git({"merge", "-q", "--no-ff", "--no-gpg-sign", "-m", "Merge", "back"});
  wanted_ = operations.git().Run(operations.clone(), {"rev-parse", "HEAD"});
  operations.Push();
  world_.Turn();
  ExpectRefused("a commit without a known signature may not ask for a rollback");
  EXPECT_EQ(world_.Live("prod"), "two");
}

TEST_F(SignedRequest, CannotBorrowTheTrailersOfTheController) {
  people_.List(people_.Line(kAlice) + people_.Line(kEve));
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  Want(kEve,
       "release: app-1\n",
       "Back\n\nRequest: 0193\nRequest-Kind: rollback\nReason: x\nRequested-by: Alice "
       "<alice@example.com>");
  ExpectRefused("a rollback asks the role approver");
  EXPECT_EQ(world_.Live("prod"), "two");
}

TEST_F(SignedRequest, NeverComesFromTheControllersOwnKey) {
  const std::string mine = std::string(kAlice) + " " + world_.key.PublicLine() + "\n";
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  people_.List(mine);
  std::filesystem::copy_file(world_.folder.path() / "key",
                             people_.KeyFile(kAlice),
                             std::filesystem::copy_options::overwrite_existing);
  WriteFileDurably(people_.KeyFile(kAlice) + ".pub", world_.key.PublicLine() + "\n");
  Want(kAlice, "release: app-1\n", "Back\n\nbad");
  EXPECT_EQ(world_.Status("prod").state, "refused");
  EXPECT_EQ(world_.Live("prod"), "two");
}

TEST_F(SignedRequest, SaysWhatAStrangersSignatureIsWorth) {
  Deploy("app-1");
  Release("two");
  Deploy("app-2");
  static_cast<void>(people_.Line(kEve));
  Want(kEve, "release: app-1\n", "Back\n\nbad");
  ExpectRefused("which is no allowed key");
}

/// What people sign with proves what they ask, never what is true.
TEST_F(SignedRequest, KeyMakesNoFactLookGood) {
  GitWorld& operations = world_.operations;
  const auto git = [&](const std::vector<std::string>& arguments) {
    return operations.git().Run(operations.clone(), arguments);
  };
  git({"fetch", "-q", "origin"});
  git({"checkout", "-q", "-B", "forged", "origin/deploy-log"});
  const std::string message = git({"log", "-1", "--format=%B", "origin/deploy-log"});
  people_.CommitLocally(kAlice, {{"prod/app.json", "{}"}}, message);
  operations.Push("deploy-log");
  const AuditReport report = world_.Audit();
  EXPECT_TRUE(std::any_of(report.problems.begin(), report.problems.end(), [](const auto& problem) {
    return problem.kind == AuditKind::kForeignKey;
  }));
  EXPECT_ANY_THROW(world_.Turn());
}

}  // namespace
}  // namespace failgate
