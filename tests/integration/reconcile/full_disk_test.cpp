#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include "controller/base/error.h"
#include "tests/integration/targets/deploy_world.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

/// A small file system of its own over the root to deploy into.
class SmallDisk {
 public:
  explicit SmallDisk(const fs::path& at)
      : at_(at), mounted_(mount("tmpfs", at.c_str(), "tmpfs", 0, "size=256k") == 0) {}
  ~SmallDisk() {
    if (mounted_) umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] bool MakeReadOnly() const {
    return mount("tmpfs", at_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=256k") == 0;
  }

 private:
  fs::path at_;
  bool mounted_;
};

class FullDiskTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  DeployWorld world_{folder_.path() / "world"};
  SmallDisk disk_{world_.root()};
  NoRunner runner_;
  VersionedDirectory target_ = world_.Target(runner_);
};

TEST_F(FullDiskTest, IsRetriedAndLeavesWhatRunsAndNothingHalf) {
  if (!disk_.mounted()) GTEST_SKIP() << "may not mount here";
  const Deployable first = world_.Release("churn-1", "first");
  target_.Apply(DeployWorld::Step(first));
  const Deployable big = world_.Release("churn-2", std::string(400'000, 'x'));
  try {
    target_.Apply(DeployWorld::Step(big));
    ADD_FAILURE() << "applied";
  } catch (const Error& error) {
    EXPECT_EQ(error.remedy(), Remedy::kRetry) << error.what();
  }
  EXPECT_EQ(target_.Observe(DeployWorld::Step(first), true).kind, Observation::Kind::kAsWanted);
  EXPECT_EQ(std::distance(fs::directory_iterator(world_.pair()), {}), 1);
}

TEST_F(FullDiskTest, AReadOnlyDiskNeedsAChange) {
  if (!disk_.mounted() || !disk_.MakeReadOnly()) GTEST_SKIP() << "may not mount here";
  const Deployable first = world_.Release("churn-1", "first");
  try {
    target_.Apply(DeployWorld::Step(first));
    ADD_FAILURE() << "applied";
  } catch (const Error& error) {
    EXPECT_EQ(error.remedy(), Remedy::kNeedsChange) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr("Read-only"));
  }
}

}  // namespace
}  // namespace failgate
