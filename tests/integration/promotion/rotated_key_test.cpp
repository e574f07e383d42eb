// What the controller signed on main for people, before its key changed and after.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/promotion/wish.h"
#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

TEST(RotatedKey, LeavesInForceWhatPeopleAskedBefore) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  world.Ask("promote", "prod", "app-1", "dana@example.com", Role::kDeveloper);
  static_cast<void>(AskRotation(world.folder.path() / "key"));
  world.Ask("approve", "prod", "app-1", "alice@example.com");
  world.Restart();
  world.Ask("approve", "prod", "app-1", "bob@example.com");
  EXPECT_EQ(world.Live("prod"), "one");
  EXPECT_NE(SigningKey::Load(world.folder.path() / "key").Fingerprint(), world.key.Fingerprint());
  EXPECT_EQ(WriteJson(world.Audit()).find("\"problems\":[]") != std::string::npos, true)
      << WriteJson(world.Audit());
  const Repository origin = Repository::Open(world.operations.origin());
  LogFilter filter;
  filter.kind = FactKind::kDeployed;
  const auto deployed = ReadHistory(origin, *origin.Ref(kDeployLogRef), filter);
  ASSERT_FALSE(deployed.empty());
  EXPECT_EQ(deployed.front().written.Value("Requested-by"), "dana <dana@example.com>");
  EXPECT_EQ(deployed.front().written.Value("Via"), "api");
}

class OldKey : public testing::Test {
 protected:
  /// A wish on main as the controller would write it, signed with the old key.
  CommitId Wish(const std::string& release) {
    operations_.Commit({{"desired/prod/app.yaml", "release: " + release + "\n"}}, "x");
    operations_.git().Run(operations_.clone(),
                          {"-c",
                           "gpg.format=ssh",
                           "-c",
                           "user.signingkey=" + (folder_.path() / "old").string(),
                           "commit",
                           "-q",
                           "--amend",
                           "-S",
                           "-m",
                           WishMessage("Promote " + release, "request-" + release, "promote", "")});
    operations_.Push();
    return CommitId(operations_.git().Run(operations_.clone(), {"rev-parse", "HEAD"}));
  }
  static AllowedSigners Only(const SigningKey& key) {
    return AllowedSigners::Parse("controller " + key.PublicLine() + "\n").value();
  }
  bool CountsAsAsked(const CommitId& main, WishFinder& wishes) {
    const Repository origin = Repository::Open(operations_.origin());
    return wishes.Find(origin, main, {EnvironmentName("prod"), ProjectName("app")})->by_api;
  }

  TemporaryFolder folder_;
  GitWorld operations_{folder_.path(), "operations"};
  SigningKey old_ = SigningKey::Generate(folder_.path() / "old", "old");
  SigningKey new_ = SigningKey::Generate(folder_.path() / "new", "new");
};

TEST_F(OldKey, CountsOnMainUpToWhereItsTimeEndedAndNoFurther) {
  const CommitId before = Wish("app-1");
  WishFinder wishes(Only(new_));
  EXPECT_FALSE(CountsAsAsked(before, wishes));
  wishes.Know(Only(new_), {FormerController{Only(old_), before}});
  EXPECT_TRUE(CountsAsAsked(before, wishes));
  const CommitId after = Wish("app-2");
  EXPECT_FALSE(CountsAsAsked(after, wishes));
}

}  // namespace
}  // namespace failgate
