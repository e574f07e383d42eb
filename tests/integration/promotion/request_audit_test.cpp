// What the log says of signed commits and of keys is proved by main alone, whoever signed the log.
#include "controller/promotion/request_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/git/ssh_keygen.h"
#include "tests/integration/deploylog/forged_log.h"
#include "tests/integration/promotion/signing_people.h"

namespace failgate {
namespace {

using testing::HasSubstr;

constexpr const char* kAlice = "alice@example.com";
constexpr const char* kBob = "bob@example.com";
constexpr const char* kDecided = "decided app-1 for prod";
constexpr const char* kKeys = "keys of people_signers changed";
constexpr const char* kDesired = "desired/prod/app.yaml";

/// Alice asked for app-1 in prod by a signed commit; beside main stands another one of hers.
class ForgedRequest : public testing::Test {
 protected:
  ForgedRequest() {
    world_.PassRun({});
    world_.Turn();
    before_ = Repository::Open(world_.operations.origin()).Ref(kMainRef)->text();
    people_.List(people_.Line(kAlice) + people_.Line(kBob));
    wanted_ = people_.Commit(kAlice, {{kDesired, "release: app-1\n"}}, "Want app-1");
    world_.Turn();
    aside_ = people_.CommitLocally(kAlice, {{kDesired, "release: app-1 # so\n"}}, "Want it so");
    world_.operations.git().Run(world_.operations.clone(),
                                {"push", "-q", "origin", "HEAD:refs/heads/aside"});
    log_ = std::make_unique<ForgedLog>(world_.operations.origin(), folder_.path());
  }
  AuditReport Audit(bool with_main = true, const std::optional<CommitId>& since = std::nullopt) {
    ProcessRunner processes;
    SshKeygen prover(processes);
    AuditReport report;
    AuditRequests(log_->repository,
                  *log_->repository.Ref(kDeployLogRef),
                  with_main ? log_->repository.Ref(kMainRef) : std::nullopt,
                  since,
                  prover,
                  report);
    return report;
  }
  /// By who holds the controller's key.
  void Forge(const std::string& subject, const std::string& from, const std::string& to) {
    const std::size_t place = log_->FindLast(subject);
    log_->commits[place].Replace(from, to);
    log_->SignFrom(place, world_.key);
    log_->Write();
    forged_ = log_->commits[place].id;
  }
  void ExpectFound(AuditKind kind, const std::string& text) {
    const AuditReport report = Audit();
    ASSERT_EQ(report.problems.size(), 1U) << WriteJson(report);
    EXPECT_EQ(report.problems[0].commit, forged_);
    EXPECT_EQ(report.problems[0].kind, kind) << WriteJson(report);
    EXPECT_THAT(report.problems[0].text, HasSubstr(text));
  }

  LadderWorld world_;
  SigningPeople people_{world_};
  TemporaryFolder folder_;
  std::unique_ptr<ForgedLog> log_;
  std::string before_;
  std::string wanted_;
  std::string aside_;
  CommitId forged_;
};

TEST_F(ForgedRequest, IsProvenWhereItIsTrueAndAttestedWithoutMain) {
  EXPECT_TRUE(Audit().ok()) << WriteJson(Audit());
  EXPECT_EQ(Audit().attested, 0U);
  EXPECT_TRUE(Audit(false).ok());
  EXPECT_EQ(Audit(false).attested, 2U) << "a request and the keys";
}

TEST_F(ForgedRequest, IsFoundInTheNameOfAnotherPerson) {
  Forge(kDecided, "Requested-by: A Person <alice@", "Requested-by: A Person <bob@");
  ExpectFound(AuditKind::kForeignKey, "is signed by A Person <alice@example.com>");
}

TEST_F(ForgedRequest, IsLookedForAfterWhatWasProvenBefore) {
  Forge(kDecided, "Requested-by: A Person <alice@", "Requested-by: A Person <bob@");
  const CommitId before = log_->repository.ReadCommit(forged_).parents.front();
  EXPECT_EQ(Audit(true, before).problems.size(), 1U);
  EXPECT_TRUE(Audit(true, forged_).ok());
  EXPECT_EQ(Audit(true, CommitId(std::string(40, 'a'))).problems.size(), 1U)
      << "nothing here was proven by it";
}

TEST_F(ForgedRequest, IsFoundByACommitThatNobodySigned) {
  Forge(kDecided, "Wanted: " + wanted_, "Wanted: " + before_);
  ExpectFound(AuditKind::kForeignKey, "is nobody's");
}

TEST_F(ForgedRequest, IsFoundByACommitThatMainNeverHad) {
  Forge(kDecided, "Wanted: " + wanted_, "Wanted: " + aside_);
  ExpectFound(AuditKind::kOrphan, "main never had");
}

TEST_F(ForgedRequest, IsFoundWithAnotherKeyThanTheCommits) {
  Forge(kDecided, "Signed-with: SHA256:", "Signed-with: SHA256:x");
  ExpectFound(AuditKind::kForeignKey, "is signed by");
}

TEST_F(ForgedRequest, IsFoundWithoutTheCommit) {
  Forge(kDecided, "Wanted: " + wanted_, "Wanted: it");
  ExpectFound(AuditKind::kRewritten, "does not name the signed commit");
}

TEST_F(ForgedRequest, IsFoundInKeysThatMainDoesNotList) {
  Forge(kKeys, "Commit: ", "Commit: " + before_ + "\nWas: ");
  ExpectFound(AuditKind::kForeignKey, "lists other keys");
}

}  // namespace
}  // namespace failgate
