#include "controller/deploylog/log_trust.h"

#include <gtest/gtest.h>

#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/git/commit_writer.h"

namespace failgate {
namespace {

class TrustedWriting : public testing::Test {
 protected:
  void Write(int commits, const SigningKey* key) {
    CommitDraft draft;
    draft.author = draft.committer = {"failgate", "failgate@example.com"};
    draft.message = "fact";
    const std::vector<CommitDraft> drafts(static_cast<std::size_t>(commits), draft);
    for (const CommitId& commit : WriteCommits(repository_, head_, drafts, key)) {
      head_ = commit;
    }
  }
  [[nodiscard]] bool IsSigned(const std::optional<CommitId>& from = std::nullopt,
                              std::size_t checked = kSignaturesChecked) const {
    const auto allowed = AllowedSigners::Parse("log " + key_.PublicLine() + "\n");
    return IsTrustedWriting(repository_.path(), from, *head_, *allowed, checked);
  }

  TemporaryFolder folder_;
  SigningKey key_ = SigningKey::Generate(folder_.path() / "key", "log");
  SigningKey other_ = SigningKey::Generate(folder_.path() / "other", "other");
  Repository repository_ = Repository::InitBare(folder_.path() / "log.git");
  std::optional<CommitId> head_;
};

TEST_F(TrustedWriting, IsTrustedWhenEveryCommitIs) {
  Write(1, &key_);
  EXPECT_TRUE(IsSigned());
  Write(300, &key_);
  EXPECT_TRUE(IsSigned());
}

TEST_F(TrustedWriting, OneForeignOrUnsignedCommitAnywhereIsFound) {
  for (const SigningKey* forger :
       {static_cast<const SigningKey*>(nullptr), &std::as_const(other_)}) {
    head_.reset();
    Write(150, &key_);
    Write(1, forger);
    EXPECT_FALSE(IsSigned());
    Write(150, &key_);
    EXPECT_FALSE(IsSigned());
  }
}

TEST_F(TrustedWriting, OnlyWhatIsNewIsAsked) {
  Write(3, nullptr);
  const auto known = head_;
  Write(100, &key_);
  EXPECT_FALSE(IsSigned());
  EXPECT_TRUE(IsSigned(known));
}

TEST_F(TrustedWriting, TheNewestAreCheckedAndStandForWhatIsBeforeThem) {
  Write(1, nullptr);
  Write(100, &key_);
  EXPECT_TRUE(IsSigned(std::nullopt, 100));
  EXPECT_FALSE(IsSigned(std::nullopt, 101));
  Write(1, nullptr);
  EXPECT_FALSE(IsSigned(std::nullopt, 1));
}

TEST_F(TrustedWriting, AMissingRepositoryIsAnError) {
  Write(1, &key_);
  const auto allowed = AllowedSigners::Parse("log " + key_.PublicLine() + "\n");
  EXPECT_THROW(static_cast<void>(
                   IsTrustedWriting(folder_.path() / "none.git", std::nullopt, *head_, *allowed)),
               Error);
}

}  // namespace
}  // namespace failgate
