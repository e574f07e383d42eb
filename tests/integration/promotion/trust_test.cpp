// Signed policy: what owners did not sign is not in force, and the log shows whose policy was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "controller/trust/owners_file.h"
#include "tests/integration/promotion/signing_people.h"

namespace failgate {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// Without the functional tests that the ladder asks for there.
constexpr const char* kLooseRecette =
    "after: dev\npolicy: deployment\ngates:\n  tests: {levels: [unit]}\n";

class SignedPolicy : public testing::Test {
 protected:
  SignedPolicy() {
    Own("alice@example.com namespaces=\"failgate-policy\" " + alice_.PublicLine() + "\n");
    Sign(alice_);
    world_.owners = owners_;
    world_.Restart();
    world_.Turn();
  }
  void Own(const std::string& lines) { WriteFileDurably(owners_, lines); }
  /// As `failgate policy sign` and a push do.
  void Sign(const SigningKey& key) {
    world_.EditMain({{"policy.sig", Signature(key)}}, "Sign the policy");
  }
  std::string Signature(const SigningKey& key) {
    const Repository origin = Repository::Open(world_.operations.origin());
    return key.Sign(ListPolicyAt(origin, *origin.Ref(kMainRef)).text, kPolicyNamespace);
  }
  CommitId Main() { return *Repository::Open(world_.operations.origin()).Ref(kMainRef); }
  /// Facts about the controller but its starts, oldest first, with the commit they name.
  std::vector<std::string> PolicyFacts() {
    const Repository origin = Repository::Open(world_.operations.origin());
    LogFilter filter;
    filter.limit = 1000;
    std::vector<std::string> facts;
    for (const LogEntry& entry : ReadHistory(origin, *origin.Ref(kDeployLogRef), filter)) {
      const FactKind kind = entry.written.fact.kind;
      if (entry.written.fact.environment.empty() &&
          (kind == FactKind::kPolicyChanged || kind == FactKind::kRefused)) {
        facts.push_back(FactWord(kind) + " " +
                        entry.written.Value("Commit").value_or("none").substr(0, 12));
      }
    }
    std::reverse(facts.begin(), facts.end());
    return facts;
  }
  std::string Short() { return Main().text().substr(0, 12); }
  /// Without functional tests: the strict gate of recette keeps it out, the loose one does not.
  void ReleaseUntested(const std::string& content) {
    world_.PassRun({5, 0, 90, content});
    world_.Turn();
    ASSERT_EQ(world_.Live("dev"), content);
  }
  AuditReport AuditWithOwners() {
    const Repository origin = Repository::Open(world_.operations.origin());
    AuditScope scope;
    scope.controllers =
        AllowedSigners::Parse(*origin.ReadFile(Main(), "allowed_signers", 10'000)).value();
    scope.owners = LoadOwners(owners_).value();
    return VerifyLog(origin, origin.Ref(kDeployLogRef), scope);
  }
  void ExpectProven() {
    const AuditReport report = AuditWithOwners();
    EXPECT_TRUE(report.ok()) << (report.problems.empty() ? "" : report.problems[0].text);
  }
  /// Recette stays strict, and everybody is told why.
  void ExpectNotInForce() {
    EXPECT_THAT(world_.Why("recette").text,
                AllOf(HasSubstr("policy change at " + Short() + " is not signed by an owner"),
                      HasSubstr("failgate policy sign")));
    EXPECT_THAT(world_.Snapshot()->policy_trouble, HasSubstr("stays in force"));
    EXPECT_NE(world_.Live("recette"), "untested");
  }

  LadderWorld world_;
  std::filesystem::path owners_ = world_.folder.path() / "owners";
  SigningKey alice_ = SigningKey::Generate(world_.folder.path() / "alice", "alice");
  SigningKey bob_ = SigningKey::Generate(world_.folder.path() / "bob", "bob");
};

TEST_F(SignedPolicy, IsInForceAndTheLogNamesItsOwner) {
  world_.PassRun({5, 2, 90, "one"});
  world_.Turn();
  EXPECT_EQ(world_.Live("recette"), "one");
  EXPECT_THAT(PolicyFacts(), ElementsAre("policy-changed " + Short()));
  EXPECT_EQ(world_.Snapshot()->policy_trouble, "");
  ExpectProven();
}

TEST_F(SignedPolicy, OfWhichAnOwnerSignedNothingYetLetsNothingIn) {
  LadderWorld unsigned_world;
  unsigned_world.owners = owners_;
  unsigned_world.Restart();
  unsigned_world.PassRun({5, 2, 90, "one"});
  unsigned_world.Turn();
  EXPECT_EQ(unsigned_world.Live("dev"), "");
  const WhyAnswer why = unsigned_world.Why("dev");
  EXPECT_EQ(why.state, "invalid");
  EXPECT_THAT(why.text,
              AllOf(HasSubstr("is not signed by an owner"), HasSubstr("there is no policy.sig")));
  EXPECT_THAT(why.next, ElementsAre("failgate policy sign --key KEY"));
  EXPECT_THAT(unsigned_world.Ask("promote", "prod", "app-1", "alice@example.com"),
              HasSubstr("invalid_policy"));
}

TEST_F(SignedPolicy, IsNotLoosenedByAPushWithoutAnOwnersKey) {
  const CommitId signed_commit = Main();
  world_.EditMain({{"environments/recette/environment.yaml", kLooseRecette}}, "Loosen");
  ReleaseUntested("untested");
  ExpectNotInForce();
  world_.Turn();
  EXPECT_THAT(
      PolicyFacts(),
      ElementsAre("policy-changed " + signed_commit.text().substr(0, 12), "refused " + Short()))
      << "once a content";
  world_.Restart();
  world_.Turn();
  EXPECT_EQ(PolicyFacts().size(), 2U) << "a restart tells nothing again";
  ExpectProven();
}

TEST_F(SignedPolicy, ChangesWhenAnOwnerSignsTheChange) {
  world_.EditMain({{"environments/recette/environment.yaml", kLooseRecette}}, "Loosen");
  ReleaseUntested("untested");
  Sign(alice_);
  world_.Turn();
  EXPECT_EQ(world_.Live("recette"), "untested");
  EXPECT_EQ(PolicyFacts().back(), "policy-changed " + Short());
  EXPECT_THAT(world_.Why("recette").text, Not(HasSubstr("not signed")));
  ExpectProven();
}

TEST_F(SignedPolicy, LetsPeopleWishWhileAChangeIsNotSigned) {
  world_.PassRun({5, 2, 90, "one"});
  world_.Turn();
  world_.EditMain({{"environments/recette/environment.yaml", kLooseRecette}}, "Loosen");
  world_.Ask("approve", "prod", "app-1", "alice@example.com");
  world_.Ask("approve", "prod", "app-1", "bob@example.com");
  EXPECT_THAT(world_.Ask("promote", "prod", "app-1", "carol@example.com"), HasSubstr("accepted"));
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one") << "desired/ is read from the head";
  ExpectProven();
}

// Without the owners two pushes were enough: a key into people_signers, then a request by it.
TEST_F(SignedPolicy, CountsNoPersonsKeyThatNoOwnerSigned) {
  SigningPeople people(world_);
  for (const char* content : {"one", "two"}) {
    world_.PassRun({5, 2, 90, content});
    world_.Turn();
  }
  people.List(people.Line("eve@example.com"));
  const auto go_back = [&](const std::string& comment) {
    people.Commit("eve@example.com",
                  {{"desired/dev/app.yaml", "release: app-1  # " + comment + "\n"}},
                  "Go back\n\nIt is better.\n");
    world_.Turn();
    return world_.Why("dev").text;
  };
  EXPECT_THAT(go_back("once"), HasSubstr("no owner signed a people_signers that lists"));
  Sign(alice_);
  world_.EditMain({{"desired/dev/app.yaml", "release: newest\n"}}, "As it was");
  EXPECT_THAT(go_back("again"), Not(HasSubstr("no owner signed")))
      << "eve is known now, and told that it asks an approver";
  EXPECT_EQ(world_.Live("dev"), "two");
  ExpectProven();
}

class TamperedPolicy : public SignedPolicy {
 protected:
  using Files = std::map<std::string, std::string>;
  /// The change is not in force, and taken back nothing is refused any more.
  void ExpectRefused(const Files& files) {
    const CommitId good = Main();
    world_.EditMain(files, "Tamper");
    EXPECT_THAT(world_.Snapshot()->policy_trouble,
                AllOf(HasSubstr("policy change at " + Short()), HasSubstr("of other content")));
    EXPECT_EQ(world_.Snapshot()->policy, good);
    world_.operations.git().Run(clone_, {"revert", "--no-edit", "HEAD"});
    world_.operations.Push();
    world_.Turn();
    EXPECT_EQ(world_.Snapshot()->policy_trouble, "");
    EXPECT_EQ(PolicyFacts().size(), 2U) << "the same content came back: nothing changed";
    ExpectProven();
  }
  std::filesystem::path clone_ = world_.operations.clone();
};

TEST_F(TamperedPolicy, ByAnAlteredByte) {
  ExpectRefused({{"environments/recette/environment.yaml", kLooseRecette}});
}

TEST_F(TamperedPolicy, ByAFileBesideTheOthers) {
  ExpectRefused({{"environments/recette/extra.sh", "exit 0\n"}});
}

TEST_F(TamperedPolicy, ByAMode) {
  ASSERT_EQ(chmod((clone_ / "environments/dev/app.yaml").c_str(), 0755), 0);
  ExpectRefused({});
}

TEST_F(TamperedPolicy, ByALinkInPlaceOfAFile) {
  std::filesystem::remove(clone_ / "environments/dev/app.yaml");
  std::filesystem::create_symlink("../prod/app.yaml", clone_ / "environments/dev/app.yaml");
  ExpectRefused({});
}

TEST_F(TamperedPolicy, ByAControllersKey) {
  ExpectRefused({{"allowed_signers", "x " + bob_.PublicLine() + "\n"}});
}

TEST_F(TamperedPolicy, ByAPersonsKey) {
  ExpectRefused({{"people_signers", "x " + bob_.PublicLine() + "\n"}});
}

TEST_F(SignedPolicy, StaysInForceWhenItsSignatureIsDeleted) {
  const CommitId good = Main();
  std::filesystem::remove(world_.operations.clone() / "policy.sig");
  world_.EditMain({}, "Delete it");
  EXPECT_EQ(world_.Snapshot()->policy, good);
  EXPECT_THAT(world_.Snapshot()->policy_trouble, HasSubstr("there is no policy.sig"));
  world_.PassRun({5, 2, 90, "one"});
  world_.Turn();
  EXPECT_EQ(world_.Live("recette"), "one");
  ExpectProven();
}

TEST_F(SignedPolicy, IsNotReplayedOverOtherContent) {
  const std::string old = ReadFile(world_.operations.clone() / "policy.sig");
  world_.EditMain({{"environments/recette/environment.yaml", kLooseRecette}}, "Loosen");
  Sign(alice_);
  const CommitId good = Main();
  world_.EditMain({{"policy.sig", old}}, "The old signature over the new content");
  EXPECT_EQ(world_.Snapshot()->policy, good);
  EXPECT_THAT(world_.Snapshot()->policy_trouble, HasSubstr("of other content"));
}

TEST_F(SignedPolicy, OfOldReturnsWithItsContent) {
  const std::string strict =
      ReadFile(world_.operations.clone() / "environments/recette/environment.yaml");
  const std::string old = ReadFile(world_.operations.clone() / "policy.sig");
  world_.EditMain({{"environments/recette/environment.yaml", kLooseRecette}}, "Loosen");
  Sign(alice_);
  world_.EditMain({{"environments/recette/environment.yaml", strict}, {"policy.sig", old}}, "Back");
  EXPECT_EQ(world_.Snapshot()->policy_trouble, "");
  EXPECT_EQ(PolicyFacts().back(), "policy-changed " + Short());
  ReleaseUntested("untested");
  EXPECT_EQ(world_.Live("recette"), "");
  ExpectProven();
}

TEST_F(SignedPolicy, ByAKeyOfNobodysOrForAnotherPurposeIsNotInForce) {
  world_.EditMain({{"environments/recette/environment.yaml", kLooseRecette}}, "Loosen");
  Sign(bob_);
  EXPECT_THAT(world_.Snapshot()->policy_trouble, HasSubstr("is no allowed key"));
  const Repository origin = Repository::Open(world_.operations.origin());
  world_.EditMain(
      {{"policy.sig", alice_.Sign(ListPolicyAt(origin, *origin.Ref(kMainRef)).text, "git")}},
      "Alice signed it for git");
  EXPECT_THAT(world_.Snapshot()->policy_trouble, HasSubstr("signed for \"git\""));
  EXPECT_EQ(PolicyFacts().size(), 4U) << "each content is refused once";
}

TEST_F(SignedPolicy, ByASecondOwnerCountsAndOwnersAlternate) {
  Own("alice@example.com " + alice_.PublicLine() + "\nbob@example.com " + bob_.PublicLine() + "\n");
  world_.EditMain({{"environments/recette/environment.yaml", kLooseRecette}}, "Loosen");
  Sign(bob_);
  EXPECT_EQ(world_.Snapshot()->policy_trouble, "");
  Sign(alice_);
  EXPECT_EQ(world_.Snapshot()->policy_trouble, "");
  ExpectProven();
}

TEST_F(SignedPolicy, OutlivesTheEndOfItsOwnersKeyButTakesNoNewOne) {
  const auto day = [&](int days) {
    std::string text = FormatTime(world_.clock.Now() + std::chrono::hours(24 * days));
    return text.substr(0, 4) + text.substr(5, 2) + text.substr(8, 2) + "Z";
  };
  Own("alice@example.com valid-before=\"" + day(2) + "\" " + alice_.PublicLine() + "\n");
  world_.clock.Advance(std::chrono::hours(24 * 10));
  world_.PassRun({5, 2, 90, "one"});
  world_.Turn();
  EXPECT_EQ(world_.Live("recette"), "one") << "it was accepted in time";
  world_.EditMain({{"environments/recette/environment.yaml", kLooseRecette}}, "Loosen");
  Sign(alice_);
  EXPECT_THAT(world_.Snapshot()->policy_trouble, HasSubstr("is not valid now"));
  ExpectProven();
}

TEST_F(SignedPolicy, IsNotInForceWithoutItsOwnersLineOrAReadableFile) {
  Own("bob@example.com " + bob_.PublicLine() + "\n");
  world_.PassRun({5, 2, 90, "one"});
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "");
  EXPECT_THAT(world_.Snapshot()->policy_trouble, HasSubstr("nothing is promoted"));
  Own("bob@example.com nonsense\n");
  world_.Turn();
  EXPECT_THAT(world_.Why("dev").text,
              AllOf(HasSubstr("the owners of policy are not known"), HasSubstr("owners:1:1: ")));
  Own("bob@example.com " + bob_.PublicLine() + "\n");
  Sign(bob_);
  EXPECT_EQ(world_.Live("dev"), "one");
}

TEST_F(SignedPolicy, IsSignedByKeysOfOtherTypesToo) {
  GitProgram git(world_.folder.path() / "home");
  const auto key = world_.folder.path() / "rsa";
  ProcessRunner processes;
  ProcessSpec spec;
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.argv = {"ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-C", "carol", "-f", key.string()};
  ASSERT_TRUE(processes.Run(spec).Succeeded());
  Own("carol@example.com " + ReadFile(key.string() + ".pub"));
  const Repository origin = Repository::Open(world_.operations.origin());
  const auto listing = world_.folder.path() / "listing";
  WriteFileDurably(listing, ListPolicyAt(origin, *origin.Ref(kMainRef)).text);
  spec.argv = {
      "ssh-keygen", "-Y", "sign", "-n", "failgate-policy", "-f", key.string(), listing.string()};
  ASSERT_TRUE(processes.Run(spec).Succeeded());
  const std::string armored = ReadFile(listing.string() + ".sig");
  world_.EditMain({{"policy.sig", armored}}, "Carol signs");
  EXPECT_EQ(world_.Snapshot()->policy_trouble, "");
  world_.EditMain({{"environments/dev/more", "x"}}, "Not hers");
  EXPECT_THAT(world_.Snapshot()->policy_trouble, HasSubstr("of other content"));
}

TEST_F(SignedPolicy, IsToldToBeOverWhenTheServerNamesNoOwnersAnyMore) {
  world_.owners.clear();
  world_.Restart();
  world_.Turn();
  EXPECT_EQ(PolicyFacts().back(), "policy-changed none");
  world_.EditMain({{"environments/recette/environment.yaml", kLooseRecette}}, "Loosen");
  ReleaseUntested("untested");
  EXPECT_EQ(world_.Live("recette"), "untested");
  EXPECT_TRUE(world_.Audit().ok());
  const AuditReport report = AuditWithOwners();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.problems[0].kind, AuditKind::kDecision);
  EXPECT_THAT(report.problems[0].text, HasSubstr("no policy was signed by an owner"));
}

TEST_F(SignedPolicy, IsNotProvenByAnotherOwnersFile) {
  world_.PassRun({5, 2, 90, "one"});
  world_.Turn();
  Own("bob@example.com " + bob_.PublicLine() + "\n");
  const AuditReport report = AuditWithOwners();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.problems[0].kind, AuditKind::kForeignKey);
  EXPECT_EQ(report.problems.back().kind, AuditKind::kDecision);
}

TEST_F(SignedPolicy, LetsALostKeyBeReplacedOnlyByWhatAnOwnerSigned) {
  world_.PassRun({5, 2, 90, "one"});
  world_.Turn();
  const auto key = world_.folder.path() / "key";
  std::filesystem::rename(key, key.string() + ".lost");
  const SigningKey fresh = SigningKey::Generate(key, "fresh");
  std::filesystem::remove_all(world_.folder.path() / "operations-mirror.git");
  world_.operations.Pull();
  world_.operations.Commit(
      {{"allowed_signers",
        "controller " + world_.key.PublicLine() + "\ncontroller " + fresh.PublicLine() + "\n"}},
      "Allow another key");
  world_.operations.Push();
  world_.Restart();
  EXPECT_THROW(world_.Turn(), Error) << "whoever pushed that is no owner";
  Sign(alice_);
  EXPECT_EQ(world_.Snapshot()->policy_trouble, "");
  EXPECT_EQ(world_.Status("recette").running, ReleaseName("app-1"));
  ExpectProven();
}

TEST_F(SignedPolicy, IsProvenFromACommitThatWasProvenBefore) {
  const CommitId before =
      *Repository::Open(world_.operations.origin()).Ref(kDeployLogRef);  // policy is in force there
  world_.PassRun({5, 2, 90, "one"});
  world_.Turn();
  const Repository origin = Repository::Open(world_.operations.origin());
  AuditScope scope;
  scope.controllers = AllowedSigners::Parse("controller " + world_.key.PublicLine() + "\n").value();
  scope.owners = LoadOwners(owners_).value();
  scope.since = before;
  EXPECT_TRUE(VerifyLog(origin, origin.Ref(kDeployLogRef), scope).ok());
  scope.owners = AllowedSigners::Parse("bob@example.com " + bob_.PublicLine() + "\n").value();
  EXPECT_FALSE(VerifyLog(origin, origin.Ref(kDeployLogRef), scope).ok());
}

TEST_F(SignedPolicy, IsWhatAReaderOfACloneGoesBy) {
  world_.PassRun({5, 0, 90, "untested"});
  world_.EditMain({{"environments/recette/environment.yaml", kLooseRecette}}, "Loosen");
  const auto snapshot = ReadClone(world_.operations.origin(), world_.clock.Now());
  ASSERT_TRUE(snapshot) << snapshot.error().text;
  const auto why = WhyOf(*snapshot, {EnvironmentName("recette"), ProjectName("app")});
  ASSERT_TRUE(why);
  EXPECT_EQ(why->state, "blocked");
  EXPECT_THAT(why->text, HasSubstr("is in force by the deploy log"));
}

/// Never answers.
class RememberingDesk final : public CheckDesk {
 public:
  CheckLook Look(const std::string& /*key*/) override { return {}; }
  void Want(const CheckJob& job) override { jobs.push_back(job); }
  void Settle() override {}
  std::size_t ForgetFailed(const EnvironmentName& /*environment*/,
                           const ProjectName& /*project*/) override {
    return 0;
  }
  std::vector<CheckJob> jobs;
};

TEST_F(SignedPolicy, IsWhatChecksRunIn) {
  RememberingDesk desk;
  world_.checks = &desk;
  world_.Restart();
  const std::string file = "environments/recette/app.yaml";
  world_.operations.Pull();
  world_.EditMain({{file,
                    ReadFile(world_.operations.clone() / file) +
                        "checks: {before: [{name: compare, run: sh compare.sh}]}\n"},
                   {"environments/recette/compare.sh", "exit 1\n"}},
                  "Compare");
  Sign(alice_);
  const CommitId signed_at = Main();
  world_.PassRun({5, 2, 90, "one"});
  world_.Turn();
  ASSERT_FALSE(desk.jobs.empty()) << world_.Status("recette").text;
  const CheckFilesFact in_force = desk.jobs.back().files;
  EXPECT_EQ(in_force.commit, signed_at);
  world_.EditMain({{"environments/recette/compare.sh", "exit 0\n"}}, "Let everything in");
  world_.Turn();
  EXPECT_EQ(desk.jobs.back().files, in_force) << "nobody signed it";
  Sign(alice_);
  world_.Turn();
  EXPECT_NE(desk.jobs.back().files.digest, in_force.digest);
  world_.checks = nullptr;
  world_.Restart();
}

}  // namespace
}  // namespace failgate
