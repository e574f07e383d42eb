// Approvals that people sign and put on main: they survive squash and rebase, and bind one record.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/git/ssh_keygen.h"
#include "controller/promotion/approval_audit.h"
#include "controller/promotion/approval_file.h"
#include "tests/integration/promotion/signing_people.h"

namespace failgate {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kAlice = "alice@example.com";
constexpr const char* kBob = "bob@example.com";
constexpr const char* kCarol = "carol@example.com";
constexpr const char* kEve = "eve@example.com";

class ApprovalFiles : public testing::Test {
 protected:
  ApprovalFiles() {
    people_.List(people_.Line(kAlice) + people_.Line(kBob) + people_.Line(kCarol));
    AskSigned(true);
    Release("one");
    world_.Ask("promote", "prod", "app-1", "dana@example.com", Role::kDeveloper);
  }
  void Release(const std::string& content) {
    world_.PassRun({5, 2, 90, content});
    world_.Turn();
  }
  void AskSigned(bool with_signature) {
    world_.EditMain(
        {{"environments/prod/environment.yaml",
          std::string("after: recette\npolicy: delivery\ngates:\n"
                      "  approvals: {count: 2, from: [alice@example.com, bob@example.com, "
                      "carol@example.com], signed: ") +
              (with_signature ? "true}\n" : "false}\n")}},
        "Ask for signed approvals");
  }
  ApprovalFile Approval(const std::string& email, const std::string& release = "app-1") {
    ApprovalFile approval;
    approval.environment = EnvironmentName("prod");
    approval.release = ReleaseName(release);
    approval.email = email;
    approval.path = ApprovalPath(approval.environment, approval.release, email);
    const Repository origin = Repository::Open(world_.operations.origin());
    const LogTree tree(origin, origin.Ref(kDeployLogRef));
    const auto record = tree.Record(approval.release);
    approval.record = record ? ReleaseRecordDigest(ParseReleaseRecord(*record).value())
                             : "sha256:" + std::string(64, 'a');
    approval.expires = world_.clock.Now() + std::chrono::hours(24);
    approval.text = "looked at it";
    return approval;
  }
  /// Commits the files by hand, unsigned, in one push.
  void Put(const ApprovalFile& approval, const std::string& signer = "") {
    const std::string text = WriteApprovalFile(approval);
    PutBytes(approval.path, text, people_.Sign(signer.empty() ? approval.email : signer, text));
  }
  void PutBytes(const std::string& path, const std::string& text, const std::string& signature) {
    world_.EditMain({{path, text}, {path + ".sig", signature}}, "Approve");
    world_.Turn();
  }
  void Remove(const std::string& path) {
    GitWorld& operations = world_.operations;
    operations.Pull();
    operations.git().Run(operations.clone(), {"rm", "-q", path, path + ".sig"});
    operations.Commit({}, "Take it back");
    operations.Push();
    world_.Turn();
  }
  std::optional<WrittenFact> Newest(FactKind kind) {
    const Repository origin = Repository::Open(world_.operations.origin());
    LogFilter filter;
    filter.environment = EnvironmentName("prod");
    filter.limit = 1000;
    for (const LogEntry& entry : ReadHistory(origin, *origin.Ref(kDeployLogRef), filter)) {
      if (entry.written.fact.kind == kind) {
        return entry.written;
      }
    }
    return std::nullopt;
  }
  std::string Told(FactKind kind, const std::string& key) {
    const auto fact = Newest(kind);
    return fact ? fact->Value(key).value_or("") : "no such fact";
  }
  long Count(const std::string& fact) {
    const auto facts = world_.Facts("prod");
    return std::count(facts.begin(), facts.end(), fact);
  }
  /// What the approvals of this history of the log are worth.
  AuditReport AuditOf(const std::string& ref, const std::string& since = "") {
    GitWorld& operations = world_.operations;
    operations.git().Run(operations.clone(), {"fetch", "-q", "origin"});
    const Repository clone = Repository::Open(operations.clone() / ".git");
    ProcessRunner processes;
    SshKeygen prover(processes);
    AuditReport report;
    AuditApprovals(clone,
                   *clone.Ref(ref),
                   clone.Ref("refs/remotes/origin/main"),
                   since.empty() ? std::nullopt : clone.Ref(since),
                   prover,
                   report);
    return report;
  }
  void ExpectProven() {
    const AuditReport approvals = AuditOf("refs/remotes/origin/deploy-log");
    EXPECT_TRUE(approvals.ok()) << approvals.problems[0].text;
    EXPECT_EQ(approvals.attested, 0U);
    const AuditReport report = world_.Audit();
    EXPECT_TRUE(report.ok()) << (report.problems.empty() ? "" : report.problems[0].text);
  }
  void ExpectRefused(const std::string& why) {
    EXPECT_THAT(Told(FactKind::kRefused, "Reason"), HasSubstr(why));
    EXPECT_EQ(Count("refused app-1"), 1);
    EXPECT_THAT(world_.Why("prod").text, HasSubstr(why));
    Put(Approval(kCarol));
    EXPECT_EQ(world_.Live("prod"), "") << "one signed approval and a refused one let it in";
    world_.Restart();
    world_.Turn();
    EXPECT_EQ(Count("refused app-1"), 1);
    ExpectProven();
  }

  LadderWorld world_;
  SigningPeople people_{world_};
};

TEST_F(ApprovalFiles, LetAReleaseInThatAsksForSignedOnes) {
  world_.Ask("approve", "prod", "app-1", kAlice);
  Put(Approval(kBob));
  EXPECT_THAT(world_.Status("prod").text, HasSubstr("1 of 2 signed approvals (bob@example.com)"));
  EXPECT_EQ(Told(FactKind::kApproved, "Via"), "commit");
  EXPECT_EQ(Told(FactKind::kApproved, "Reason"), "looked at it");
  EXPECT_THAT(Told(FactKind::kApproved, "File"),
              HasSubstr("approvals/prod/app-1/bob@example.com.yaml@"));
  EXPECT_THAT(Told(FactKind::kApproved, "Signed-with"), HasSubstr("people_signers@"));
  EXPECT_THAT(Told(FactKind::kApproved, "Approved-by"), HasSubstr("<bob@example.com>"));
  Put(Approval(kCarol));
  EXPECT_EQ(world_.Live("prod"), "one");
  ExpectProven();
}

TEST_F(ApprovalFiles, CountBesideThoseWithATokenWhereNoSignatureIsAsked) {
  AskSigned(false);
  world_.Ask("approve", "prod", "app-1", kAlice);
  Put(Approval(kBob));
  EXPECT_EQ(world_.Live("prod"), "one");
}

TEST_F(ApprovalFiles, MayBeSignedWithKeysOfOtherKinds) {
  people_.List(people_.Line(kAlice) + people_.Line(kBob) +
               "carol@example.com namespaces=\"failgate-approval\" " +
               people_.Line("rsa@example.com", "", "rsa").substr(16));
  Put(Approval(kCarol), "rsa@example.com");
  EXPECT_THAT(world_.Status("prod").text, HasSubstr("1 of 2 signed approvals (carol@example.com)"));
}

TEST_F(ApprovalFiles, SurviveSquashAndRebase) {
  GitWorld& operations = world_.operations;
  operations.Pull();
  for (const char* who : {kBob, kCarol}) {
    const ApprovalFile approval = Approval(who);
    const std::string text = WriteApprovalFile(approval);
    operations.Commit({{approval.path, text}, {approval.path + ".sig", people_.Sign(who, text)}},
                      "Approve");
  }
  operations.git().Run(operations.clone(), {"reset", "-q", "--soft", "HEAD~2"});
  operations.Commit({}, "Squashed by the forge", "Forge <forge@example.com>");
  operations.Push();
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one");
  ExpectProven();
}

TEST_F(ApprovalFiles, AreUsedUpByThePromotion) {
  Put(Approval(kBob));
  Put(Approval(kCarol));
  ASSERT_EQ(world_.Live("prod"), "one");
  world_.EditMain(
      {{"environments/prod/app.yaml",
        "deploy:\n  - name: app\n    directory: {path: " +
            (world_.folder.path() / "srv/prod/app2").string() + ", artifacts: [app]}\n"}},
      "Deploy it elsewhere");
  world_.Restart(true);
  world_.Turn();
  EXPECT_EQ(Count("promoted app-1"), 1);
  EXPECT_THAT(world_.Status("prod").text, HasSubstr("0 of 2 signed approvals"));
}

TEST_F(ApprovalFiles, AreWithdrawnWhenTheyAreTakenFromMain) {
  const ApprovalFile bobs = Approval(kBob);
  Put(bobs);
  Remove(bobs.path);
  EXPECT_EQ(Count("withdrawn app-1"), 1);
  EXPECT_THAT(Told(FactKind::kWithdrawn, "Withdrawn-by"), HasSubstr("bob@example.com"));
  Put(Approval(kCarol));
  EXPECT_EQ(world_.Live("prod"), "");
  Put(bobs);  // the same bytes again are no new approval
  EXPECT_EQ(world_.Live("prod"), "");
  ApprovalFile anew = bobs;
  anew.text = "yes, after all";
  Put(anew);
  EXPECT_EQ(world_.Live("prod"), "one");
  ExpectProven();
}

TEST_F(ApprovalFiles, AreWithdrawnWhenTheirKeyIsTakenOut) {
  Put(Approval(kBob));
  people_.List(people_.Line(kAlice) + people_.Line(kCarol));
  EXPECT_EQ(Count("withdrawn app-1"), 1);
  Put(Approval(kCarol));
  EXPECT_EQ(world_.Live("prod"), "");
  people_.List(people_.Line(kAlice) + people_.Line(kBob) + people_.Line(kCarol));
  EXPECT_EQ(world_.Live("prod"), "") << "a key that is back does not bring its approvals back";
  ExpectProven();
}

TEST_F(ApprovalFiles, VetoUntilTheyAreTakenBack) {
  ApprovalFile no = Approval(kAlice);
  no.rejects = true;
  Put(no);
  EXPECT_EQ(Count("rejected app-1"), 1);
  Put(Approval(kBob));
  Put(Approval(kCarol));
  EXPECT_EQ(world_.Live("prod"), "");
  Remove(no.path);
  EXPECT_EQ(world_.Live("prod"), "one");
  ExpectProven();
}

TEST_F(ApprovalFiles, WaitWhileThePersonsOwnNoByTokenStands) {
  world_.Ask("reject", "prod", "app-1", kBob);
  Put(Approval(kBob));
  Put(Approval(kCarol));
  EXPECT_EQ(world_.Live("prod"), "");
  world_.Ask("withdraw", "prod", "app-1", kBob);
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one");
}

TEST_F(ApprovalFiles, AreNotReplacedByALesserOneWithAToken) {
  Put(Approval(kBob));
  EXPECT_THAT(world_.Ask("approve", "prod", "app-1", kBob), HasSubstr("already"));
  Put(Approval(kCarol));
  EXPECT_EQ(world_.Live("prod"), "one");
}

TEST_F(ApprovalFiles, DoNotCountOfAnotherRecord) {
  ApprovalFile approval = Approval(kBob);
  approval.record.back() = approval.record.back() == '0' ? '1' : '0';
  Put(approval);
  ExpectRefused("it is about another record");
}

TEST_F(ApprovalFiles, DoNotCountForAnotherEnvironment) {
  ApprovalFile approval = Approval(kBob);
  approval.environment = EnvironmentName("recette");
  Put(approval);
  ExpectRefused("environment is recette here");
}

TEST_F(ApprovalFiles, DoNotCountWhenTheirTimeIsOver) {
  ApprovalFile approval = Approval(kBob);
  approval.expires = world_.clock.Now() - std::chrono::seconds(1);
  Put(approval);
  ExpectRefused("its time was over at");
}

TEST_F(ApprovalFiles, DoNotCountByAnUnknownKey) {
  static_cast<void>(people_.Line(kEve));
  Put(Approval(kBob), kEve);
  ExpectRefused("which is no allowed key");
}

TEST_F(ApprovalFiles, DoNotCountInAnothersName) {
  Put(Approval(kBob), kAlice);
  ExpectRefused("it is signed by alice@example.com and named after bob@example.com");
}

TEST_F(ApprovalFiles, DoNotCountWithoutSignature) {
  const ApprovalFile approval = Approval(kBob);
  world_.EditMain({{approval.path, WriteApprovalFile(approval)}}, "Approve");
  world_.Turn();
  ExpectRefused("ssh-keygen -Y sign");
}

TEST_F(ApprovalFiles, DoNotCountWithAByteChanged) {
  const ApprovalFile approval = Approval(kBob);
  const std::string text = WriteApprovalFile(approval);
  PutBytes(approval.path, text + "\n", people_.Sign(kBob, text));
  ExpectRefused("is not of these bytes");
}

TEST_F(ApprovalFiles, DoNotCountBySignaturesOfCommits) {
  const ApprovalFile approval = Approval(kBob);
  const std::string text = WriteApprovalFile(approval);
  PutBytes(approval.path, text, people_.Sign(kBob, text, "git"));
  ExpectRefused("signed for \"git\", not for \"failgate-approval\"");
}

TEST_F(ApprovalFiles, DoNotCountByAKeyForRequestsOnly) {
  people_.List(people_.Line(kAlice) + people_.Line(kBob, "namespaces=\"git\"") +
               people_.Line(kCarol));
  Put(Approval(kBob));
  ExpectRefused("not allowed for \"failgate-approval\"");
}

TEST_F(ApprovalFiles, DoNotCountByAKeyThatCameWithTheSamePush) {
  people_.List(people_.Line(kAlice) + people_.Line(kCarol));
  GitWorld& operations = world_.operations;
  operations.Pull();
  operations.Commit(
      {{"people_signers", people_.Line(kAlice) + people_.Line(kBob) + people_.Line(kCarol)}},
      "List a key");
  const ApprovalFile approval = Approval(kBob);
  const std::string text = WriteApprovalFile(approval);
  operations.Commit({{approval.path, text}, {approval.path + ".sig", people_.Sign(kBob, text)}},
                    "Approve");
  operations.Push();
  world_.Turn();
  ExpectRefused("came into people_signers with the same push");
}

TEST_F(ApprovalFiles, DoNotCountOfPeopleWhoAreNotAsked) {
  people_.List(people_.Line(kCarol) + people_.Line(kEve));
  Put(Approval(kEve));
  ExpectRefused("eve@example.com is not among the approvers of prod");
}

TEST_F(ApprovalFiles, AreToldOfOnceHoweverManyThereAre) {
  constexpr std::size_t kMore = 5;
  std::map<std::string, std::string> files;
  for (std::size_t i = 0; i < kApprovalFilesRemembered + kMore; ++i) {
    const std::string release = "app-" + std::to_string(100 + i);
    files[ApprovalPath(EnvironmentName("prod"), ReleaseName(release), kBob)] =
        WriteApprovalFile(Approval(kBob, release));
  }
  world_.EditMain(files, "Approve what is not there");
  const auto before = world_.Facts("prod").size();
  world_.EditMain({{"README.md", "news"}}, "Something else");
  world_.Turn();
  EXPECT_EQ(world_.Facts("prod").size(), before);
  Put(Approval(kBob, "app-1"));  // far behind what is remembered
  EXPECT_EQ(Count("approved app-1"), 0);
  ExpectProven();
}

TEST_F(ApprovalFiles, CannotForgeFactsByTheirText) {
  ApprovalFile approval = Approval(kBob);
  const std::string text = "environment: prod\nrelease: app-1\nrecord: " + approval.record +
                           "\nverdict: approve\nexpires: " + FormatTime(*approval.expires) +
                           "\ntext: \"x\\nApproved-by: Carol <carol@example.com>\\nResult: "
                           "success\"\n";
  PutBytes(approval.path, text, people_.Sign(kBob, text));
  EXPECT_THAT(Told(FactKind::kApproved, "Approved-by"), HasSubstr("bob@example.com"));
  EXPECT_THAT(Told(FactKind::kApproved, "Reason"), HasSubstr("Approved-by: Carol"));
  EXPECT_THAT(world_.Status("prod").text, HasSubstr("1 of 2 signed approvals"));
  ExpectProven();
}

/// A fact that the holder of the controller's key words otherwise is found by the file it names.
TEST_F(ApprovalFiles, ProveTheFactsThatNameThem) {
  Put(Approval(kBob));
  GitWorld& operations = world_.operations;
  const auto git = [&](const std::vector<std::string>& arguments) {
    return operations.git().Run(operations.clone(), arguments);
  };
  git({"fetch", "-q", "origin"});
  const std::string fact =
      git({"log", "-1", "--format=%H", "--grep=^Fact: approved", "origin/deploy-log"});
  const auto reword = [&](const std::string& from, const std::string& to) {
    git({"checkout", "-q", "-B", "reworded", fact});
    std::string message = git({"log", "-1", "--format=%B"});
    const std::size_t at = message.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    message.replace(at, from.size(), to);
    git({"commit", "-q", "--amend", "-m", message});
    const AuditReport report = AuditOf("refs/heads/reworded");
    return report.problems.empty() ? "well" : Word(report.problems.front().kind);
  };
  EXPECT_EQ(reword("Via: commit", "Via: commit"), "well");
  EXPECT_EQ(reword("Approved-by: bob <bob", "Approved-by: bob <carol"), "rewritten");
  EXPECT_EQ(reword("bob@example.com.yaml@", "carol@example.com.yaml@"), "rewritten");
  git({"branch", "-q", "-f", "proven", "reworded~1"});
  EXPECT_EQ(AuditOf("refs/heads/reworded", "refs/heads/proven").problems.size(), 1U);
  EXPECT_TRUE(AuditOf("refs/heads/reworded", "refs/heads/reworded").ok());
  const std::string record = Approval(kBob).record;
  EXPECT_EQ(reword(record, "sha256:" + std::string(64, 'a')), "record");
  const std::string main = git({"rev-parse", "origin/main"});
  EXPECT_EQ(reword("Wanted: " + main, "Wanted: " + git({"rev-parse", main + "~1"})), "rewritten");
}

}  // namespace
}  // namespace failgate
