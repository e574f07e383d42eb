// The gate `signed` over real repositories and keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/git/ssh_keygen.h"
#include "controller/promotion/source_signers.h"
#include "tests/integration/promotion/signing_people.h"

namespace failgate {
namespace {

using testing::HasSubstr;

constexpr const char* kDana = "dana@example.com";
constexpr const char* kErik = "erik@example.com";

class SignedSource : public testing::Test {
 protected:
  SignedSource() {
    people_.List(people_.Line(kDana) + people_.Line(kErik, "namespaces=\"git\"", "ecdsa"));
    world_.EditMain({{"environments/recette/environment.yaml",
                      "after: dev\npolicy: deployment\ngates:\n  signed: {}\n"}},
                    "Ask for signatures");
  }
  /// From here on the source's commits are signed by this person, or by nobody.
  void SignAs(const std::string& email) {
    const auto set = [&](const char* key, const std::string& value) {
      world_.source.git().Run(world_.source.clone(), {"config", key, value});
    };
    set("commit.gpgSign", email.empty() ? "false" : "true");
    set("gpg.format", "ssh");
    set("user.signingKey", people_.KeyFile(email));
  }
  void Release(const std::string& content) {
    world_.PassRun({5, 2, 90, content});
    world_.Turn();
  }

  LadderWorld world_;
  SigningPeople people_{world_};
};

TEST_F(SignedSource, GetsInWhenEveryCommitSinceWhatRunsIsSigned) {
  SignAs(kDana);
  Release("one");
  EXPECT_EQ(world_.Live("recette"), "one") << world_.Status("recette").text;
  SignAs(kErik);
  world_.source.Commit({{"other", "x"}}, "Beside it");
  Release("two");
  EXPECT_EQ(world_.Live("recette"), "two") << world_.Status("recette").text;
  world_.ExpectProven();
}

TEST_F(SignedSource, StaysOutForOneCommitWithoutSignature) {
  SignAs(kDana);
  Release("one");
  SignAs("");
  world_.source.Commit({{"other", "x"}}, "Unsigned");
  SignAs(kDana);
  Release("two");
  EXPECT_EQ(world_.Live("dev"), "two");
  EXPECT_EQ(world_.Live("recette"), "one");
  EXPECT_THAT(world_.Status("recette").text, HasSubstr("1 of 2 commits have no known signature"));
  world_.ExpectProven();
}

TEST_F(SignedSource, IsJudgedByAReaderOfClonesWhoHasTheSource) {
  SignAs("");
  Release("one");
  const EnvironmentProject recette{EnvironmentName("recette"), ProjectName("app")};
  const auto verdict = [&](const std::filesystem::path& source) {
    const auto read = ReadClone(world_.operations.origin(), world_.clock.Now(), source);
    return read->pairs.at(recette)->gates.back();
  };
  EXPECT_EQ(verdict({}).verdict, Verdict::kWait);
  EXPECT_EQ(verdict(world_.source.origin()).verdict, Verdict::kFail);
  EXPECT_THAT(verdict(world_.source.origin()).reason, HasSubstr("have no known signature"));
}

TEST_F(SignedSource, StaysOutBySignaturesOfKeysThatAreNotListed) {
  static_cast<void>(people_.Line("eve@example.com"));
  SignAs("eve@example.com");
  Release("one");
  EXPECT_EQ(world_.Live("recette"), "");
  EXPECT_THAT(world_.Status("recette").text, HasSubstr("which is no allowed key"));
  // It is judged again when people change.
  people_.List(people_.Line("eve@example.com"));
  world_.Turn();
  EXPECT_EQ(world_.Live("recette"), "one");
}

TEST_F(SignedSource, IsNotKnownWhereACommitIsMissingOrThereAreTooMany) {
  const People people = ReadPeople(people_.Line(kDana), ObjectId());
  const auto look = [&](const std::filesystem::path& mirror, const CommitId& to) {
    return SignedCommitsBetween(mirror, CommitId(), to, people, nullptr);
  };
  const CommitId missing(std::string(40, 'a'));
  EXPECT_FALSE(look(world_.source.origin(), missing).known);
  EXPECT_FALSE(look(world_.folder.path() / "no-mirror", missing).known);
  std::string stream;
  for (std::size_t i = 0; i <= kMaxSignedCommits; ++i) {
    stream += "commit refs/heads/long\ncommitter A <a@example.com> " +
              std::to_string(1'700'000'000 + i) + " +0000\ndata 1\nx\n";
  }
  ProcessRunner runner;
  ProcessSpec spec;
  spec.argv = {"git", "-C", world_.source.origin().string(), "fast-import", "--quiet"};
  spec.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", "/nonexistent"}};
  spec.stdin_text = stream;
  spec.timeout = std::chrono::minutes(1);
  const ProcessResult imported = runner.Run(spec);
  ASSERT_TRUE(imported.Succeeded()) << imported.stderr_text;
  const Repository origin = Repository::Open(world_.source.origin());
  const SignedCommitsFact fact = look(world_.source.origin(), *origin.Ref("refs/heads/long"));
  EXPECT_TRUE(fact.known);
  EXPECT_TRUE(fact.truncated);
  EXPECT_EQ(fact.commits.size(), kMaxSignedCommits);
}

}  // namespace
}  // namespace failgate
