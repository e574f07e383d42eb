// The table "What is written before what", row by row: the server dies at each named place while
// a push is on its way, and a new life ends it where it would have ended.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "tests/functional/crash/fail_point_world.h"

namespace failgate {
namespace {

class FailPointsOfAPush : public FailPointWorld {
 protected:
  void DieWhilePushing(const std::string& armed) {
    Begin(armed);
    PushTo(shop_);
    const bool accepted = Tell(shop_);
    world_.AwaitDeathAt(armed);
    LeaveHalfAFetch();
    GoOn(armed);
    EXPECT_TRUE(accepted || Tell(shop_)) << "a sender that got no 202 sends again";
    const std::string release = AwaitRelease(shop_);
    EXPECT_EQ(release, fmt::format("shop-{}", shop_.heads.size()));
    world_.at().AwaitLive("shop", "dev", release);
    EXPECT_FALSE(std::filesystem::exists(mirror() / "refs/heads/main.lock"));
    EXPECT_FALSE(std::filesystem::exists(mirror() / "objects/pack/tmp_pack_half"));
  }
  /// What a git program leaves that is killed while it fetches.
  void LeaveHalfAFetch() {
    CreateFolders(mirror() / "objects/pack");
    WriteFileDurably(mirror() / "objects/pack/tmp_pack_half", "PACK");
    CreateFolders(mirror() / "refs/heads");
    WriteFileDurably(mirror() / "refs/heads/main.lock", "");
  }
  [[nodiscard]] std::filesystem::path branch() const {
    return world_.at().origin("operations") / "refs/heads/deploy-log";
  }
  [[nodiscard]] std::filesystem::path mirror() const {
    return world_.at().folder() / "data/mirrors/shop.git";
  }
};

TEST_F(FailPointsOfAPush,
       given_a_push_when_killed_at_each_place_of_its_way_then_it_ends_where_it_would) {
  DieAtEachPlaceOf({Flow::kPush}, [this](const std::string& armed) { DieWhilePushing(armed); });
}

TEST_F(FailPointsOfAPush, given_a_remote_at_work_when_killed_then_the_remote_ends_its_push) {
  ASSERT_TRUE(world_.Start());
  PushTo(shop_);
  EXPECT_TRUE(Tell(shop_));
  static_cast<void>(AwaitRelease(shop_));
  const std::string before = ReadFile(branch());
  world_.SetMood(RemoteMood::kHang);
  PushTo(shop_);
  EXPECT_TRUE(Tell(shop_));
  world_.at().WaitFor("the remote's hook hangs", [&] {
    return std::filesystem::exists(world_.at().origin("operations") / "hanging");
  });
  world_.Kill();
  world_.at().WaitFor("the remote takes the push", [&] {
    return ReadFile(branch()) != before && !std::filesystem::exists(branch().string() + ".lock");
  });
  world_.SetMood(RemoteMood::kKind);
  ASSERT_TRUE(world_.Start());
  EXPECT_EQ(AwaitRelease(shop_), "shop-2");
  ExpectTheBooksAreRight();
}

}  // namespace
}  // namespace failgate
