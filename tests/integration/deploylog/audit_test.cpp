#include "controller/deploylog/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/digest.h"
#include "tests/integration/deploylog/log_world.h"

namespace failgate {
namespace {

using testing::Contains;
using testing::IsEmpty;

/// A log of five facts, a release among them, and a clone that can rewrite it.
class Audit : public testing::Test {
 protected:
  Audit() : log_(world_.ControllerWithFacts(2)) {
    FactDraft released = world_.Draft(FactKind::kReleased, "released churn-1");
    released.fact.environment = EnvironmentName();
    released.fact.Add("Record", "sha256:" + Sha256Hex(kRecord));
    released.change = [](LogEdit& edit) {
      edit.tree.Put("releases/churn/churn-1.json", kRecord);
      edit.project->releases = 1;
      return true;
    };
    log_->Append({released,
                  world_.Draft(FactKind::kHealed, "healed a"),
                  world_.Draft(FactKind::kHealed, "healed b")});
    world_.Git({"fetch", "-q", "origin"});
    world_.Git({"checkout", "-q", "-B", "tampered", "origin/deploy-log"});
  }

  /// As an attacker who can push, and rewrite, but has no key.
  void Push() { world_.Git({"push", "-q", "-f", "origin", "HEAD:refs/heads/deploy-log"}); }
  std::vector<std::string> Kinds() { return world_.Kinds(world_.Audit()); }

  static constexpr const char* kRecord = "{\"name\": \"churn-1\"}\n";
  LogWorld world_;
  std::unique_ptr<DeployLog> log_;
};

TEST_F(Audit, PassesAnUntouchedLog) {
  const AuditReport report = world_.Audit(log_->LogHead());
  EXPECT_THAT(world_.Kinds(report), IsEmpty());
  EXPECT_EQ(report.commits, 6U);
}

TEST_F(Audit, FindsARewrittenMessageThatKeepsItsSignature) {
  std::string raw = world_.Git({"cat-file", "commit", "HEAD"});
  const std::size_t at = raw.rfind("healed b");
  ASSERT_NE(at, std::string::npos);
  raw.replace(at, 8, "healed c");
  WriteFileDurably(world_.folder.path() / "forged", raw + "\n");
  const std::string id =
      world_.Git({"hash-object", "-t", "commit", "-w", (world_.folder.path() / "forged").string()});
  world_.Git({"reset", "-q", "--hard", id});
  Push();
  EXPECT_THAT(Kinds(), Contains("rewritten"));
}

TEST_F(Audit, FindsAnUnsignedCommit) {
  world_.Git({"-c",
              "commit.gpgsign=false",
              "commit",
              "-q",
              "--amend",
              "-m",
              world_.Git({"log", "-1", "--format=%B"})});
  Push();
  EXPECT_THAT(Kinds(), Contains("unsigned"));
}

TEST_F(Audit, FindsAForeignKey) {
  static_cast<void>(SigningKey::Generate(world_.folder.path() / "foreign", "eve"));
  world_.Git({"-c",
              "gpg.format=ssh",
              "-c",
              "user.signingkey=" + (world_.folder.path() / "foreign").string(),
              "commit",
              "-q",
              "--amend",
              "-S",
              "-m",
              world_.Git({"log", "-1", "--format=%B"})});
  Push();
  EXPECT_THAT(Kinds(), Contains("foreign-key"));
}

TEST_F(Audit, FindsADroppedCommit) {
  // The newest fact again, on top of the one before the last, its own signature taken along.
  std::string raw = world_.Git({"cat-file", "commit", "HEAD"});
  const std::string parent = world_.Git({"rev-parse", "HEAD~1"});
  raw.replace(raw.find(parent), parent.size(), world_.Git({"rev-parse", "HEAD~2"}));
  WriteFileDurably(world_.folder.path() / "forged", raw + "\n");
  world_.Git(
      {"reset",
       "-q",
       "--hard",
       world_.Git(
           {"hash-object", "-t", "commit", "-w", (world_.folder.path() / "forged").string()})});
  Push();
  EXPECT_THAT(Kinds(), Contains("sequence"));
  EXPECT_THAT(Kinds(), Contains("rewritten"));
}

TEST_F(Audit, FindsADroppedNewestOnlyWhenItKnowsWhatToExpect) {
  const auto newest = log_->LogHead();
  world_.Git({"reset", "-q", "--hard", "HEAD~1"});
  Push();
  EXPECT_THAT(Kinds(), IsEmpty());
  EXPECT_THAT(world_.Kinds(world_.Audit(newest)), Contains("cut-off"));
}

TEST_F(Audit, FindsASwappedRecord) {
  world_.operations.Commit({{"releases/churn/churn-1.json", "{\"name\": \"churn-9\"}\n"}}, "x");
  world_.Git({"reset", "-q", "--soft", "HEAD~1"});
  world_.Git({"commit", "-q", "--amend", "-C", "HEAD"});
  Push();
  EXPECT_THAT(Kinds(), Contains("record"));
}

TEST_F(Audit, FindsAMergeAndAFileNoFactIsAbout) {
  world_.operations.Commit({{"notes.txt", "hello"}},
                           "noted\n\nFact: healed\nSequence: 7\nAt: 2026-01-02T03:04:05Z\n"
                           "Project: churn\nEnvironment: prod");
  Push();
  EXPECT_THAT(Kinds(), Contains("rewritten"));
}

TEST_F(Audit, FindsADeploymentNobodyOrdered) {
  FactDraft deployed = world_.Draft(FactKind::kDeployed, "deployed churn-1 to prod");
  deployed.fact.Add("Attempt", "7");
  log_->Append({deployed});
  EXPECT_THAT(Kinds(), Contains("orphan"));
}

}  // namespace
}  // namespace failgate
