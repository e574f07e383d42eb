// Taking away what the directory target made, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "tests/integration/targets/deploy_world.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class DirectoryRemoval : public testing::Test {
 protected:
  void ExpectRefused(const std::string& named) {
    try {
      target_.Remove(step_);
      ADD_FAILURE() << "removed";
    } catch (const Error& error) {
      EXPECT_EQ(error.remedy(), Remedy::kNeedsChange);
      EXPECT_THAT(error.what(), HasSubstr(named));
    }
  }

  TemporaryFolder folder_;
  DeployWorld world_{folder_.path() / "world"};
  NoRunner runner_;
  VersionedDirectory target_ = world_.Target(runner_);
  Deployable release_ = world_.Release("churn-1", "one");
  TargetStep step_ = DeployWorld::Step(release_);
};

TEST_F(DirectoryRemoval, TakesLinkAndVersionsAwayAndDoesNothingTheSecondTime) {
  target_.Apply(step_);
  const Deployable newer = world_.Release("churn-2", "two");
  target_.Apply(DeployWorld::Step(newer));
  target_.Remove(step_);
  EXPECT_FALSE(fs::is_symlink(world_.path()));
  EXPECT_TRUE(fs::is_empty(world_.pair()));
  target_.Remove(step_);
  EXPECT_EQ(target_.Observe(step_, true).kind, Observation::Kind::kAbsent);
  target_.Apply(step_);
  EXPECT_EQ(target_.Observe(step_, true).kind, Observation::Kind::kAsWanted);
}

TEST_F(DirectoryRemoval, OfWhatNeverWasThereIsDoneAlready) {
  target_.Remove(step_);
  EXPECT_TRUE(fs::is_empty(world_.root()));
}

TEST_F(DirectoryRemoval, TakesWhatAKilledOneLeft) {
  target_.Apply(step_);
  fs::remove(world_.path());  // killed between link and versions
  target_.Remove(step_);
  EXPECT_TRUE(fs::is_empty(world_.pair()));
}

TEST_F(DirectoryRemoval, LeavesOtherPairsAlone) {
  target_.Apply(step_);
  Deployable other = release_;
  other.steps[0].directory.path = (world_.root() / "other").string();
  TargetStep theirs = DeployWorld::Step(other);
  theirs.environment = EnvironmentName("recette");
  target_.Apply(theirs);
  target_.Remove(step_);
  EXPECT_EQ(target_.Observe(theirs, true).kind, Observation::Kind::kAsWanted);
}

TEST_F(DirectoryRemoval, RefusesAndLeavesWhatIsNotOurs) {
  target_.Apply(step_);
  fs::remove(world_.path());
  fs::create_directory(world_.path());
  ExpectRefused("a folder that failgate did not make stands there");
  EXPECT_TRUE(fs::is_directory(world_.path()));
  EXPECT_FALSE(fs::is_empty(world_.pair()));
  fs::remove(world_.path());
  fs::create_symlink("/etc", world_.path());
  ExpectRefused("a link to /etc");
  EXPECT_EQ(fs::read_symlink(world_.path()), "/etc");
  fs::remove(world_.path());
  WriteFileDurably(world_.pair() / "notes", "of a person");
  target_.Remove(step_);
  EXPECT_EQ(ReadFile(world_.pair() / "notes"), "of a person") << "what is no folder stays";
}

}  // namespace
}  // namespace failgate
