// The table "What is written before what", row by row: the server dies at each named place while
// people ask for something, or what was deployed is changed or not healthy.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "tests/functional/crash/fail_point_world.h"

namespace failgate {
namespace {

class FailPoints : public FailPointWorld {
 protected:
  void DieWhileAsked(const std::string& armed) {
    PushTo(shop_);
    Tell(shop_);
    const std::string release = AwaitRelease(shop_);
    world_.at().AwaitLive("shop", "recette", release);
    Begin(armed);
    static_cast<void>(world_.at().Cli({"promote", release, "prod"}, "dana"));
    GoOn(armed);
    // Its row was there before the first place, so that nobody has to ask again.
    const std::string wish = fmt::format("Want {} in prod", release);
    const auto wishes = [&] {
      const std::string subjects =
          world_.at().Git(world_.at().origin("operations"), {"log", "--format=%s", "main"});
      const auto lines = Split(subjects, '\n');
      return std::count(lines.begin(), lines.end(), wish);
    };
    world_.at().WaitFor("it is wanted", [&] { return wishes() > 0; });
    world_.at().WaitFor("its verdict is told", [&] {
      const auto log = ReadLog(world_.at());
      return std::any_of(log.begin(), log.end(), [&](const LoggedFact& fact) {
        return fact.About() == "prod/shop" && fact["Release"] == release;
      });
    });
    EXPECT_EQ(wishes(), 1);
  }

  /// Releases of the cart with an even number are not healthy in dev.
  void DieWhileUnhealthy(const std::string& armed) {
    PushTo(cart_);
    Tell(cart_);
    const std::string good = AwaitRelease(cart_);
    world_.at().AwaitLive("cart", "dev", good);
    Begin(armed);
    PushTo(cart_);
    Tell(cart_);
    GoOn(armed);
    const std::string bad = AwaitRelease(cart_);
    world_.at().WaitFor("dev went back", [&] {
      const auto log = ReadLog(world_.at());
      return std::any_of(log.begin(), log.end(), [&](const LoggedFact& fact) {
        return fact["Fact"] == "rolled-back" && fact["Previous"] == bad && fact["Release"] == good;
      });
    });
    world_.at().AwaitLive("cart", "dev", good);
  }

  /// It is deployed again afterwards, by people's word.
  void DieWhileRemoved(const std::string& armed) {
    PushTo(shop_);
    Tell(shop_);
    const std::string release = AwaitRelease(shop_);
    world_.at().AwaitLive("shop", "dev", release);
    Begin(armed);
    static_cast<void>(world_.at().Cli({"remove", "shop", "dev", "-m", "not needed"}, "olga"));
    GoOn(armed);
    const auto removed = [&] {
      const auto facts = world_.at().Facts("dev/shop.json");
      return !facts.empty() && facts.back() == "removed";
    };
    world_.at().WaitFor("it is gone", removed);
    EXPECT_FALSE(std::filesystem::is_symlink(world_.at().live("dev", "shop")));
    const auto versions = world_.at().folder() / "live/.failgate/shop/dev";
    EXPECT_TRUE(!std::filesystem::exists(versions) || std::filesystem::is_empty(versions));
    world_.at().WaitFor("nothing runs", [&] {
      const auto status = world_.at().Status("shop", "dev");
      return status.is_object() && status["running"].is_null();
    });
    world_.at().Git(world_.at().work("operations"), {"pull", "-q", "origin", "main"});
    world_.at().Push("operations", {{"desired/dev/shop.yaml", "release: newest\n"}}, "alice");
    world_.at().AwaitLive("shop", "dev", release);
  }

  void DieWhileDrifted(const std::string& armed) {
    PushTo(shop_);
    Tell(shop_);
    world_.at().AwaitLive("shop", "dev", AwaitRelease(shop_));
    const auto healed = [&] {
      const auto facts = world_.at().Facts("dev/shop.json");
      return std::count(facts.begin(), facts.end(), "healed");
    };
    const auto before = healed();
    Begin(armed);
    const auto payload = world_.at().live("dev", "shop") / "app/payload";
    std::filesystem::permissions(payload, std::filesystem::perms(0644));
    WriteFileDurably(payload, "changed by hand");
    GoOn(armed);
    world_.at().WaitFor("dev is healed", [&] { return healed() > before; });
    EXPECT_EQ(healed(), before + 1);
  }
};

TEST_F(FailPoints, given_the_start_of_a_server_when_killed_then_the_next_one_goes_on) {
  DieAtEachPlaceOf({Flow::kStart}, [this](const std::string& armed) {
    Begin(armed);
    GoOn(armed);
  });
}

TEST_F(FailPoints, given_a_request_when_killed_at_each_place_then_it_is_done_once) {
  DieAtEachPlaceOf({Flow::kRequest}, [this](const std::string& armed) { DieWhileAsked(armed); });
}

TEST_F(FailPoints, given_a_drift_when_killed_at_each_place_then_it_is_healed_once) {
  DieAtEachPlaceOf({Flow::kDrift}, [this](const std::string& armed) { DieWhileDrifted(armed); });
}

TEST_F(FailPoints, given_a_removal_when_killed_at_each_place_then_it_is_gone_and_told_once) {
  DieAtEachPlaceOf({Flow::kRemoval}, [this](const std::string& armed) { DieWhileRemoved(armed); });
}

TEST_F(FailPoints, given_a_release_that_is_not_healthy_when_killed_then_the_way_back_goes_on) {
  std::string file = DeploymentFile(world_.at().folder() / "live", "dev", "cart");
  file.insert(file.find("drift:"),
              "    health: {command: 'test $((${FAILGATE_RELEASE##*-} % 2)) = 1', timeout: 2s}\n");
  world_.at().Push("operations", {{"environments/dev/cart.yaml", file}}, "alice");
  DieAtEachPlaceOf({Flow::kBadHealth},
                   [this](const std::string& armed) { DieWhileUnhealthy(armed); });
}

TEST_F(FailPoints, given_checks_of_a_release_when_killed_then_they_end_as_they_would_have) {
  std::string file = DeploymentFile(world_.at().folder() / "live", "dev", "cart");
  file +=
      "checks:\n"
      "  before: [{name: look, run: test -d $FAILGATE_CANDIDATE/app}]\n"
      "  after: [{name: smoke, run: test -s $FAILGATE_PATH/app/payload}]\n";
  world_.at().Push("operations", {{"environments/dev/cart.yaml", file}}, "alice");
  DieAtEachPlaceOf({Flow::kChecks}, [this](const std::string& armed) {
    Begin(armed);
    PushTo(cart_);
    Tell(cart_);
    GoOn(armed);
    world_.at().AwaitLive("cart", "dev", AwaitRelease(cart_));
  });
}

TEST_F(FailPoints, given_a_journal_that_fails_when_told_then_the_sender_hears_so_and_tries_again) {
  world_.Arm("journal-written=error");
  ASSERT_TRUE(world_.Start());
  PushTo(shop_);
  const auto answer = world_.at().SendWebhook("shop", shop_.heads.back());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  world_.Kill();
  world_.Arm("");
  ASSERT_TRUE(world_.Start());
  EXPECT_TRUE(Tell(shop_));
  EXPECT_EQ(AwaitRelease(shop_), "shop-1");
  world_.at().AwaitLive("shop", "dev", "shop-1");
  ExpectTheBooksAreRight();
}

TEST(FailPoint, AWordThatNamesNoPlaceEndsTheProgram) {
  CrashWorld world({"shop"});
  world.at().server_environment = {{"FAILGATE_FAIL_POINT", "nowhere"}};
  EXPECT_THROW(world.at().Start(false), Error);
  EXPECT_EQ(world.at().server().AwaitEnd(), 2);
}

}  // namespace
}  // namespace failgate
