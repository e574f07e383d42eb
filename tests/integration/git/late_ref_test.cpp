#include "controller/git/late_ref.h"

#include <gtest/gtest.h>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/git/leftovers.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

constexpr const char* kName = "refs/failgate/deploy-log";

class LateRefTest : public ::testing::Test {
 protected:
  PushedRepository world_;
  CommitId first_ = world_.Push({{"a", "1"}});
  CommitId second_ = world_.Push({{"a", "2"}});
  Repository repository_ = Repository::Open(world_.origin());
  std::filesystem::path file_ = world_.origin() / kName;
};

TEST_F(LateRefTest, MovesOnlyFromWhatItIsSaidToBe) {
  LateRef ref(world_.origin(), kName);
  EXPECT_FALSE(ref.Set(repository_, second_, first_));
  EXPECT_EQ(repository_.Ref(kName), std::nullopt);
  EXPECT_TRUE(ref.Set(repository_, first_, std::nullopt));
  EXPECT_EQ(Git(world_.origin(), {"rev-parse", kName}), first_.text());
  EXPECT_FALSE(ref.Set(repository_, second_, std::nullopt));
  EXPECT_TRUE(ref.Set(repository_, second_, first_));
  EXPECT_EQ(repository_.Ref(kName), second_);
}

TEST_F(LateRefTest, SeesWhatIsPacked) {
  LateRef ref(world_.origin(), kName);
  ASSERT_TRUE(ref.Set(repository_, first_, std::nullopt));
  Git(world_.origin(), {"pack-refs", "--all"});
  EXPECT_FALSE(ref.Set(repository_, second_, second_));
  EXPECT_TRUE(ref.Set(repository_, second_, first_));
  EXPECT_EQ(Git(world_.origin(), {"rev-parse", kName}), second_.text());
}

TEST_F(LateRefTest, LeavesTheLockOfAnotherAlone) {
  LateRef ref(world_.origin(), kName);
  ASSERT_TRUE(ref.Set(repository_, first_, std::nullopt));
  WriteFileDurably(file_.string() + ".lock", "");
  try {
    static_cast<void>(ref.Set(repository_, second_, first_));
    FAIL() << "the lock is another's";
  } catch (const Error& error) {
    EXPECT_EQ(error.remedy(), Remedy::kRetry);
  }
  EXPECT_TRUE(std::filesystem::exists(file_.string() + ".lock"));
  EXPECT_EQ(repository_.Ref(kName), first_);
  RemoveGitLeftovers(world_.origin());
  EXPECT_TRUE(ref.Set(repository_, second_, first_));
}

TEST_F(LateRefTest, IsForgottenWhereAPowerCutLeftHalfOfIt) {
  const std::filesystem::path branch = world_.origin() / "refs/remotes/origin/main";
  for (const std::string& half : {std::string(), first_.text().substr(0, 20)}) {
    CreateFolders(file_.parent_path());
    CreateFolders(branch.parent_path());
    WriteFileDurably(file_, half);
    WriteFileDurably(branch, half);
    RemoveTornRefs(world_.origin());
    EXPECT_EQ(repository_.Ref(kName), std::nullopt);
    EXPECT_FALSE(std::filesystem::exists(branch));
    EXPECT_EQ(repository_.Ref("refs/heads/main"), second_) << "what is whole stays";
  }
}

}  // namespace
}  // namespace failgate
