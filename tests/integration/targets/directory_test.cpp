#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>

#include "controller/base/error.h"
#include "tests/integration/targets/deploy_world.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;
using Kind = Observation::Kind;
using testing::HasSubstr;

class DirectoryTargetTest : public testing::Test {
 protected:
  Observation Look(bool full = false) { return target_.Observe(step_, full); }
  void Deploy() {
    target_.Apply(step_);
    const Observation seen = Look(true);
    ASSERT_EQ(seen.kind, Kind::kAsWanted) << seen.detail;
  }
  /// Found by a quick pass, named, and repaired.
  void ExpectHealed(const std::string& named) {
    const Observation seen = Look();
    EXPECT_EQ(seen.kind, Kind::kDiffers);
    EXPECT_THAT(seen.detail, HasSubstr(named));
    Deploy();
  }
  void ExpectRefused(const std::string& named) {
    try {
      target_.Apply(step_);
      ADD_FAILURE() << "applied";
    } catch (const Error& error) {
      EXPECT_EQ(error.remedy(), Remedy::kNeedsChange);
      EXPECT_THAT(error.what(), HasSubstr(named));
    }
  }
  /// Path, inode, mtime and ctime of everything below the root.
  [[nodiscard]] std::string Everything() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(world_.root())) {
      struct stat status {};
      lstat(entry.path().c_str(), &status);
      all[entry.path().string()] =
          std::to_string(status.st_ino) + " " + std::to_string(status.st_mtim.tv_sec) + "." +
          std::to_string(status.st_mtim.tv_nsec) + " " + std::to_string(status.st_ctim.tv_sec) +
          "." + std::to_string(status.st_ctim.tv_nsec);
    }
    std::string text;
    for (const auto& [path, stamp] : all) text += path + " " + stamp + "\n";
    return text;
  }
  [[nodiscard]] fs::path Version() const { return fs::read_symlink(world_.path()); }

  TemporaryFolder folder_;
  DeployWorld world_{folder_.path() / "world"};
  NoRunner runner_;
  VersionedDirectory target_ = world_.Target(runner_);
  Deployable release_ = world_.Release("churn-1", "first");
  TargetStep step_ = DeployWorld::Step(release_);
};

TEST_F(DirectoryTargetTest, MakesALinkToAVersionFolderOfTheContractsName) {
  EXPECT_EQ(Look().kind, Kind::kAbsent);
  Deploy();
  EXPECT_EQ(Version().parent_path(), world_.pair());
  EXPECT_THAT(Version().filename().string(), testing::MatchesRegex("churn-1-[0-9a-f]{12}"));
  EXPECT_EQ(ReadFile(world_.path() / "model.bin"), "first");
  EXPECT_EQ(ReadFile(world_.path() / "tree/a/one"), "first");
  EXPECT_EQ(fs::read_symlink(world_.path() / "tree/b/one"), "../a/one");
  EXPECT_TRUE(fs::exists(world_.path() / ".failgate-manifest.json"));
}

TEST_F(DirectoryTargetTest, NormalisesPermissionBitsWhateverTheUmask) {
  const mode_t former = umask(0077);
  Deploy();
  umask(former);
  const auto mode = [&](const char* name) {
    return static_cast<unsigned>(fs::status(world_.path() / name).permissions());
  };
  EXPECT_EQ(mode("model.bin"), 0644U);
  EXPECT_EQ(mode("tree/b/run"), 0755U);
  EXPECT_EQ(mode("tree"), 0755U);
  EXPECT_EQ(mode(""), 0755U);
}

TEST_F(DirectoryTargetTest, WritesNothingWhenAppliedAgain) {
  Deploy();
  const std::string before = Everything();
  Deploy();
  EXPECT_EQ(Everything(), before);
}

TEST_F(DirectoryTargetTest, SwitchesToAnotherReleaseAndBack) {
  Deploy();
  const Deployable second = world_.Release("churn-2", "second");
  target_.Apply(DeployWorld::Step(second));
  EXPECT_EQ(ReadFile(world_.path() / "model.bin"), "second");
  ExpectHealed("the link points to churn-2");
  EXPECT_EQ(ReadFile(world_.path() / "model.bin"), "first");
}

TEST_F(DirectoryTargetTest, FindsAndHealsChangedContentOfTheSameSizeAndTime) {
  Deploy();
  const fs::path file = world_.path() / "model.bin";
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  std::ofstream(file, std::ios::in | std::ios::out) << "FIRST";
  const timespec times[2] = {status.st_atim, status.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  ExpectHealed("model.bin: content changed");
}

TEST_F(DirectoryTargetTest, FindsAndHealsModes) {
  Deploy();
  ASSERT_EQ(chmod((world_.path() / "tree/b/run").c_str(), 0600), 0);
  ExpectHealed("tree/b/run: mode 0600 instead of 0755");
}

TEST_F(DirectoryTargetTest, FindsAndHealsExtraAndMissingFiles) {
  Deploy();
  std::ofstream(world_.path() / "tree/extra") << "x";
  ExpectHealed("tree/extra is not of the release");
  EXPECT_FALSE(fs::exists(world_.path() / "tree/extra"));
  fs::remove(world_.path() / "tree/a/one");
  ExpectHealed("tree/a/one is missing");
  fs::create_directory(world_.path() / "empty");
  ExpectHealed("empty is not of the release");
}

TEST_F(DirectoryTargetTest, FindsAndHealsLinksAndKinds) {
  Deploy();
  fs::remove(world_.path() / "tree/b/one");
  fs::create_symlink("/etc/passwd", world_.path() / "tree/b/one");
  ExpectHealed("tree/b/one: the link points elsewhere");
  fs::remove(world_.path() / "model.bin");
  ASSERT_EQ(mkfifo((world_.path() / "model.bin").c_str(), 0644), 0);
  ExpectHealed("model.bin: is another kind of file");
}

TEST_F(DirectoryTargetTest, FindsAndHealsALostVersionFolderALostManifestAndALostLink) {
  Deploy();
  fs::remove_all(Version());
  ExpectHealed("is not there");
  fs::remove(Version() / ".failgate-manifest.json");
  ExpectHealed("has no manifest");
  std::ofstream(Version() / ".failgate-manifest.json", std::ios::app) << " ";
  ExpectHealed("the manifest of");
  fs::remove(world_.path());
  EXPECT_EQ(Look().kind, Kind::kAbsent);
  Deploy();
}

TEST_F(DirectoryTargetTest, TrustsTouchedFilesOnceTheirBytesWereRead) {
  Deploy();
  ASSERT_EQ(utimensat(AT_FDCWD, (world_.path() / "model.bin").c_str(), nullptr, 0), 0);
  const std::string before = Everything();
  EXPECT_EQ(Look().kind, Kind::kAsWanted);
  Deploy();
  EXPECT_EQ(Everything(), before);
}

TEST_F(DirectoryTargetTest, NeverReplacesWhatIsForeign) {
  fs::create_directories(world_.path());
  std::ofstream(world_.path() / "precious") << "x";
  EXPECT_EQ(Look().kind, Kind::kForeign);
  ExpectRefused("a folder that failgate did not make");
  EXPECT_TRUE(fs::exists(world_.path() / "precious"));
  fs::remove_all(world_.path());
  std::ofstream(world_.path()) << "x";
  ExpectRefused("a file that failgate did not make");
  EXPECT_EQ(ReadFile(world_.path()), "x");
}

TEST_F(DirectoryTargetTest, NeverReplacesLinksOfOthers) {
  Deploy();
  const fs::path other = world_.root() / ".failgate/other/prod/other-1-0123456789ab";
  for (const std::string& text :
       {std::string("/tmp"), other.string(), std::string("x"), (world_.pair() / "..").string()}) {
    fs::remove(world_.path());
    fs::create_symlink(text, world_.path());
    EXPECT_EQ(Look().kind, Kind::kForeign) << text;
    ExpectRefused("a link to");
    EXPECT_EQ(fs::read_symlink(world_.path()), text);
  }
}

TEST_F(DirectoryTargetTest, DoesNotFollowLinksBelowTheRoot) {
  fs::create_directories(folder_.path() / "outside");
  fs::create_symlink(folder_.path() / "outside", world_.root() / "churn");
  ExpectRefused("links below the root are not followed");
  fs::remove(world_.root() / "churn");
  fs::create_symlink(folder_.path() / "outside", world_.root() / ".failgate");
  ExpectRefused("links below the root are not followed");
  EXPECT_TRUE(fs::is_empty(folder_.path() / "outside"));
}

TEST_F(DirectoryTargetTest, RefusesPathsOutsideTheRoots) {
  const auto refuse = [&](const std::string& path) {
    release_.steps[0].directory.path = path;
    EXPECT_THROW(static_cast<void>(Look()), Error) << path;
    EXPECT_THROW(target_.Apply(step_), Error) << path;
  };
  refuse("/elsewhere/model");
  refuse(world_.root().string());
  refuse(world_.root().string() + "x/model");
  refuse(world_.root().string() + "/../model");
  refuse(world_.root().string() + "/.failgate/x");
  refuse("model");
}

TEST_F(DirectoryTargetTest, NamesReleaseAndDigestWhenBytesAreGoneAndLeavesWhatRuns) {
  Deploy();
  Deployable second = world_.Release("churn-2", "second");
  second.artifacts[0].sha256 = std::string(64, 'a');
  step_ = DeployWorld::Step(second);
  ExpectRefused("model of churn-2 (sha256:" + std::string(64, 'a') + ")");
  EXPECT_EQ(ReadFile(world_.path() / "model.bin"), "first");
}

TEST_F(DirectoryTargetTest, RefusesArtifactsOfOneName) {
  release_.artifacts[1].name = "model.bin";
  release_.steps[0].directory.artifacts = {"model", "model.bin"};
  ExpectRefused("would both lie at model.bin");
  release_.steps[0].directory.artifacts = {"unknown"};
  ExpectRefused("has no artifact unknown");
}

TEST_F(DirectoryTargetTest, RemovesWhatAKilledAttemptLeft) {
  Deploy();
  const fs::path version = Version();
  fs::remove_all(version);
  fs::create_directories(version);
  fs::create_directories(world_.pair() / (".making-" + version.filename().string()) / "half");
  ExpectHealed("has no manifest");
  EXPECT_EQ(std::distance(fs::directory_iterator(world_.pair()), {}), 1);
}

TEST_F(DirectoryTargetTest, PrunesOnlyVersionsOfThePairThatNobodyNeeds) {
  std::vector<Deployable> releases;
  for (int i = 1; i <= 4; ++i) {
    releases.push_back(world_.Release("churn-" + std::to_string(i), std::to_string(i)));
  }
  for (const Deployable& release : releases) target_.Apply(DeployWorld::Step(release));
  const fs::path other = world_.root() / ".failgate/churn/recette/churn-1-0123456789ab";
  fs::create_directories(other);
  std::ofstream(world_.pair() / "note") << "x";
  target_.Prune(DeployWorld::Step(releases[3]), {DeployWorld::Step(releases[2])});
  std::string left;
  for (const auto& entry : fs::directory_iterator(world_.pair())) {
    if (entry.is_directory()) left += entry.path().filename().string().substr(0, 7) + " ";
  }
  EXPECT_TRUE(left == "churn-3 churn-4 " || left == "churn-4 churn-3 ") << left;
  EXPECT_TRUE(fs::exists(other));
  EXPECT_TRUE(fs::exists(world_.pair() / "note"));
}

TEST_F(DirectoryTargetTest, PruneKeepsWhatALinkStillPointsTo) {
  Deploy();
  const Deployable second = world_.Release("churn-2", "second");
  target_.Prune(DeployWorld::Step(second), {});
  EXPECT_EQ(ReadFile(world_.path() / "model.bin"), "first");
}

}  // namespace
}  // namespace failgate
