#include "controller/deploylog/key_rotation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "controller/deploylog/key_chain.h"
#include "controller/deploylog/key_keeper.h"
#include "tests/integration/deploylog/log_world.h"

namespace failgate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A controller whose key lies in a file, started and killed as often as a test wants.
class Rotation : public testing::Test {
 protected:
  struct Process {
    Process(LogWorld& world, const std::string& instance, const std::filesystem::path& file)
        : keys(file), log(world.Controller(instance, "main", keys.key())) {}
    KeyKeeper keys;
    std::unique_ptr<DeployLog> log;
  };

  Rotation() { Start("one"); }

  /// As the promoter begins its first pass. What ran before is gone, as after a kill.
  void Start(const std::string& instance) {
    process_.reset();
    process_ = std::make_unique<Process>(world_, instance, file_);
    process_->log->Fetch();
    process_->keys.Finish(*process_->log);
    process_->log->TakeOver();
  }
  void Pass() {
    world_.clock.Advance(std::chrono::seconds(1));
    process_->log->Fetch();
    process_->keys.Finish(*process_->log);
    process_->keys.Rotate(*process_->log, world_.clock.Now());
  }
  void Write() {
    world_.clock.Advance(std::chrono::seconds(1));
    process_->log->Append({world_.Draft(FactKind::kHealed, "healed churn-1 in prod")});
  }
  /// "word key" of every commit, oldest first.
  std::vector<std::string> Story() {
    const Repository origin = Repository::Open(world_.operations.origin());
    const auto ids = origin.CommitsBetween(std::nullopt, *origin.Ref(kDeployLogRef), 1000);
    std::vector<std::string> story;
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
      const CommitInfo commit = origin.ReadCommit(*id);
      const auto check = VerifySignature(
          commit.signature, commit.signed_payload, kGitNamespace, AllowedSigners(), {});
      const std::string key =
          check.fingerprint == world_.key.Fingerprint() ? " by the first key" : " by another key";
      story.push_back(FactWord(ParseFactMessage(commit.message)->fact.kind) + key);
    }
    return story;
  }
  /// By an auditor who knows the first key alone, from main as it was at the beginning.
  std::vector<std::string> Problems() { return world_.Kinds(world_.Audit()); }
  SigningKey KeyOnDisk() { return SigningKey::Load(file_); }

  LogWorld world_;
  const std::filesystem::path file_ = world_.folder.path() / "key";
  std::unique_ptr<Process> process_;
};

TEST_F(Rotation, WhileRunningIsSignedByTheOldKeyAndThenTheNewOneSigns) {
  const AskedRotation asked = AskRotation(file_);
  EXPECT_FALSE(asked.already);
  Pass();
  Write();
  EXPECT_THAT(
      Story(),
      ElementsAre(
          "started by the first key", "key-rotated by the first key", "healed by another key"));
  EXPECT_THAT(Problems(), IsEmpty());
  EXPECT_EQ(KeyOnDisk().Fingerprint(), asked.next.Fingerprint());
  EXPECT_FALSE(std::filesystem::exists(NextKeyFile(file_)));
  Pass();
  EXPECT_EQ(Story().size(), 3U);
}

TEST_F(Rotation, WhileStoppedIsDoneByTheNextStart) {
  process_.reset();
  static_cast<void>(AskRotation(file_));
  Start("two");
  Pass();
  Write();
  EXPECT_THAT(Story(),
              ElementsAre("started by the first key",
                          "started by the first key",
                          "key-rotated by the first key",
                          "healed by another key"));
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(Rotation, AskedForTwiceIsOneRotation) {
  const AskedRotation first = AskRotation(file_);
  const AskedRotation second = AskRotation(file_);
  EXPECT_TRUE(second.already);
  EXPECT_EQ(first.next.Fingerprint(), second.next.Fingerprint());
}

TEST_F(Rotation, CanBeDoneAgainAndAgain) {
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(AskRotation(file_));
    Pass();
    Write();
  }
  Start("two");
  EXPECT_THAT(Problems(), IsEmpty());
  EXPECT_EQ(Story().size(), 8U);
}

TEST_F(Rotation, KilledWhileTheKeyWasMadeIsAskedForAnew) {
  static_cast<void>(SigningKey::Generate(file_.string() + ".making", "half"));
  EXPECT_FALSE(process_->keys.Asked());
  EXPECT_FALSE(AskRotation(file_).already);
  EXPECT_FALSE(std::filesystem::exists(file_.string() + ".making"));
  Pass();
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(Rotation, KilledBeforeThePushIsWrittenByTheNextStart) {
  static_cast<void>(AskRotation(file_));
  const auto hook = world_.operations.origin() / "hooks/pre-receive";
  WriteFileDurably(hook, "#!/bin/sh\nexit 1\n", 0755);
  EXPECT_THROW(Pass(), Error);
  std::filesystem::remove(hook);
  EXPECT_EQ(KeyOnDisk().Fingerprint(), world_.key.Fingerprint());
  Start("two");
  Pass();
  Write();
  EXPECT_EQ(Story().back(), "healed by another key");
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(Rotation, KilledAfterThePushIsEndedByTheNextStartBeforeItWritesAnything) {
  const AskedRotation asked = AskRotation(file_);
  process_->log->Append({RotationDraft(
      process_->keys.key(), asked.next, process_->log->MainHead(), world_.clock.Now())});
  Start("two");
  EXPECT_THAT(
      Story(),
      ElementsAre(
          "started by the first key", "key-rotated by the first key", "started by another key"));
  EXPECT_EQ(KeyOnDisk().Fingerprint(), asked.next.Fingerprint());
  Pass();
  EXPECT_EQ(Story().size(), 3U);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(Rotation, KilledAfterTheFilesWereSwitchedGoesOn) {
  const AskedRotation asked = AskRotation(file_);
  process_->log->Append({RotationDraft(
      process_->keys.key(), asked.next, process_->log->MainHead(), world_.clock.Now())});
  PutNextKeyInPlace(file_);
  Start("two");
  EXPECT_EQ(Story().back(), "started by another key");
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(Rotation, ThatTheRemoteTookWithoutAnAnswerIsEndedByTheNextPass) {
  const AskedRotation asked = AskRotation(file_);
  // Another object with our instance's name and key: the remote has what we do not know of yet.
  auto unanswered = world_.Controller("one-again", "main", process_->keys.key());
  unanswered->Fetch();
  unanswered->Append({RotationDraft(
      process_->keys.key(), asked.next, unanswered->MainHead(), world_.clock.Now())});
  Pass();
  Write();
  EXPECT_THAT(
      Story(),
      ElementsAre(
          "started by the first key", "key-rotated by the first key", "healed by another key"));
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(Rotation, IsTakenUpWithoutTheDataDirectory) {
  static_cast<void>(AskRotation(file_));
  Pass();
  Write();
  Start("two");  // with a mirror of its own: every commit is judged from the first
  EXPECT_EQ(process_->log->standing(), LogStanding::kOurs);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(Rotation, GoesOnWithTheNextFileWhereTheFolderMayNotBeWritten) {
  if (geteuid() == 0) {
    // Root may write everywhere: a folder in place of the key keeps the new one from its place.
    const AskedRotation asked = AskRotation(file_);
    std::filesystem::remove(file_);
    std::filesystem::create_directory(file_);
    Pass();
    Write();
    EXPECT_EQ(Story().back(), "healed by another key");
    EXPECT_EQ(process_->keys.key().Fingerprint(), asked.next.Fingerprint());
    EXPECT_FALSE(process_->keys.Asked());
    EXPECT_THAT(Problems(), IsEmpty());
  }
}

TEST_F(Rotation, EndsTheOldKeyForAuditorsAndForOurselves) {
  const SigningKey old_key = SigningKey::Load(file_);
  static_cast<void>(AskRotation(file_));
  Pass();
  auto thief = world_.Controller("thief", "main", old_key);
  thief->Fetch();
  thief->Append({world_.Draft(FactKind::kHealed, "healed by a thief")});
  EXPECT_THAT(Problems(), ElementsAre("foreign-key"));
  EXPECT_EQ(process_->log->Fetch(), LogStanding::kRewritten);
}

TEST_F(Rotation, IsVerifiedByStockGitOnceItsLineStandsOnMain) {
  const AskedRotation asked = AskRotation(file_);
  Pass();
  Write();
  const auto signers = world_.folder.path() / "signers";
  WriteFileDurably(
      signers,
      "controller " + world_.key.PublicLine() + "\ncontroller " + asked.next.PublicLine() + "\n");
  world_.Git({"fetch", "-q", "origin"});
  for (const char* commit : {"origin/deploy-log", "origin/deploy-log~1", "origin/deploy-log~2"}) {
    world_.Git({"-c",
                "gpg.ssh.allowedSignersFile=" + signers.string(),
                "-c",
                "gpg.format=ssh",
                "verify-commit",
                commit});
  }
}

/// The first key's file is gone, and another key lies there.
class LostKey : public Rotation {
 protected:
  LostKey() {
    Write();
    process_.reset();
    std::filesystem::remove(file_);
    static_cast<void>(SigningKey::Generate(file_, "found"));
  }
  void AllowOnMain(const std::string& line) {
    world_.operations.Pull();
    world_.operations.Commit(
        {{"allowed_signers", "controller " + world_.key.PublicLine() + "\n" + line}}, "Allow");
    world_.operations.Push();
  }
  std::vector<std::string> ProblemsByMain() {
    const Repository origin = Repository::Open(world_.operations.origin());
    const auto allowed = AllowedSigners::Parse(
        origin.ReadFile(*origin.Ref(kMainRef), "allowed_signers", 10'000).value());
    return world_.Kinds(VerifyLog(origin, origin.Ref(kDeployLogRef), *allowed, std::nullopt));
  }
};

TEST_F(LostKey, WritesNothingUntilAnOwnerAllowsTheNewOne) {
  try {
    Start("two");
    FAIL() << "it wrote";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("an owner adds \"" + KeyOnDisk().PublicLine()));
    EXPECT_THAT(error.what(), HasSubstr("to allowed_signers on main"));
  }
  EXPECT_EQ(Story().size(), 2U);
}

TEST_F(LostKey, IsReplacedInTheLogOnceAnOwnerAllowsTheNewOne) {
  AllowOnMain("controller " + KeyOnDisk().PublicLine() + "\n");
  Start("two");
  Write();
  EXPECT_THAT(Story(),
              ElementsAre("started by the first key",
                          "healed by the first key",
                          "key-rotated by another key",
                          "started by another key",
                          "healed by another key"));
  EXPECT_THAT(ProblemsByMain(), IsEmpty());
  Start("three");
  EXPECT_EQ(Story().back(), "started by another key");
  EXPECT_THAT(ProblemsByMain(), IsEmpty());
}

TEST_F(LostKey, IsNotReplacedByAKeyThatMainAllowsForAnotherPurpose) {
  AllowOnMain("controller namespaces=\"failgate-approval\" " + KeyOnDisk().PublicLine() + "\n");
  EXPECT_THROW(Start("two"), Error);
}

TEST_F(LostKey, ThatMainNeverAllowedIsForeignToAuditors) {
  AllowOnMain("controller " + KeyOnDisk().PublicLine() + "\n");
  Start("two");
  EXPECT_THAT(Problems(), testing::Contains("foreign-key")) << "an auditor who kept the first file";
}

TEST_F(LostKey, CannotBeReplacedByAForgerWhoIsNotOnMain) {
  const SigningKey forger = SigningKey::Load(file_);
  auto forging = world_.Controller("forger", "main", forger);
  forging->Fetch();
  KeyRotation rotation;
  rotation.old_key = world_.key.Fingerprint();
  rotation.new_key = forger.Fingerprint();
  rotation.new_line = forger.PublicLine();
  rotation.lost = true;
  rotation.main = *forging->MainHead();
  FactDraft draft;
  draft.fact = KeyRotationFact(rotation);
  draft.fact.at = world_.clock.Now();
  draft.change = [&](LogEdit& edit) {
    edit.controller->key = rotation.new_key;
    edit.controller->former.push_back(
        FormerKey{KeyLine(*SignerOf(world_.key.PublicLine())), rotation.main});
    return true;
  };
  forging->Append({draft});
  EXPECT_THAT(Problems(), testing::Contains("foreign-key"));
  auto honest = world_.Controller("honest", "main", world_.key);
  EXPECT_EQ(honest->Fetch(), LogStanding::kRewritten);
}

}  // namespace
}  // namespace failgate
