// The table "What is written before what", row by row: the server dies at each named place while
// the flow that leads there is under way, and a new life ends it where it would have ended.
#include "controller/base/fail_point.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "tests/functional/crash/books.h"
#include "tests/functional/crash/crash_world.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

enum class Flow { kStart, kPush, kRequest, kBadHealth, kDrift };

Flow FlowTo(std::string_view place) {
  if (place == "taken-over") return Flow::kStart;
  if (place == "health-failed" || place == "rolling-back") return Flow::kBadHealth;
  if (place == "drift-seen" || place == "healing") return Flow::kDrift;
  if (place == "request-taken" || place == "request-finished" || place == "main-drafted" ||
      place == "main-pushed") {
    return Flow::kRequest;
  }
  return Flow::kPush;
}

/// Places that one flow passes often, each time with something else at stake: a log is appended to
/// for `started`, then for a release, its promotion, its deployment.
std::vector<std::string> PassagesOf(std::string_view place) {
  std::vector<int> passages = {1};
  if (place == "log-drafted" || place == "log-pushed") passages = {1, 2, 3, 4};
  if (place == "remote-running") passages = {1, 5, 8};
  if (place == "step-ended") passages = {1, 3};
  if (place == "owed-pushed") passages = {1, 2};
  std::vector<std::string> armed;
  for (const int passage : passages) armed.push_back(fmt::format("{}:{}", place, passage));
  return armed;
}

class FailPoints : public ::testing::Test {
 protected:
  ~FailPoints() override {
    if (HasFailure()) std::fputs(world_.at().log().c_str(), stderr);
  }

  void DieAtEachPlaceOf(std::initializer_list<Flow> flows) {
    ASSERT_TRUE(world_.Start());
    int places = 0;
    for (const std::string_view place : kFailPoints) {
      const Flow flow = FlowTo(place);
      if (std::find(flows.begin(), flows.end(), flow) == flows.end()) continue;
      for (const std::string& armed : PassagesOf(place)) {
        SCOPED_TRACE(armed);
        DieAt(armed, flow);
        ASSERT_EQ(FaultsOfLog(ReadLog(world_.at())), Faults());
        ASSERT_FALSE(HasFailure());
        ++places;
      }
    }
    EXPECT_GT(places, 0);
    ExpectTheBooksAreRight();
  }

  void DieAt(const std::string& armed, Flow flow) {
    switch (flow) {
      case Flow::kStart:
        Begin(armed);
        return GoOn(armed);
      case Flow::kPush:
        return DieWhilePushing(armed);
      case Flow::kRequest:
        return DieWhileAsked(armed);
      case Flow::kBadHealth:
        return DieWhileUnhealthy(armed);
      case Flow::kDrift:
        return DieWhileDrifted(armed);
    }
  }
  void Begin(const std::string& armed) {
    world_.Kill();
    world_.Arm(armed);
    static_cast<void>(world_.Start());
  }
  void GoOn(const std::string& armed) {
    world_.AwaitDeathAt(armed);
    world_.Arm("");
    ASSERT_TRUE(world_.Start());
  }

  std::string PushTo(PushedStream& stream) {
    const CommitId head =
        world_.at().Push(stream.project, FilesOf({stream.project, std::to_string(++pushes_)}));
    stream.heads.push_back(head);
    return head.text();
  }
  /// True when it was accepted.
  bool Tell(PushedStream& stream) {
    const auto answer = world_.at().SendWebhook(stream.project, stream.heads.back());
    if (!answer || answer->status != 202) return false;
    stream.accepted.push_back(Json::parse(answer->body)["delivery"].get<std::string>());
    return true;
  }
  std::string AwaitRelease(const PushedStream& stream) {
    const Json run = world_.at().AwaitRun(stream.project, stream.heads.back());
    EXPECT_EQ(run["state"], "succeeded") << run.dump();
    return run["release"].is_string() ? run["release"].get<std::string>() : std::string();
  }

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
  [[nodiscard]] std::filesystem::path mirror() const {
    return world_.at().folder() / "data/mirrors/shop.git";
  }

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

  void ExpectTheBooksAreRight() {
    const Installation& world = world_.at();
    world.WaitFor("nothing is on its way", [&] {
      for (const Json& delivery : world.Deliveries()) {
        if (delivery["status"] != "done") return false;
      }
      return true;
    });
    const auto log = ReadLog(world);
    for (const PushedStream* stream : {&shop_, &cart_}) {
      if (stream->heads.empty()) continue;
      const auto releases = ReadReleases(world, stream->project);
      EXPECT_EQ(FaultsOfReleases(log, releases, *stream), Faults());
      EXPECT_EQ(releases.size(), stream->heads.size()) << "none was overtaken";
      EXPECT_EQ(FaultsOfRuns(world, log, releases, *stream, {}), Faults());
      EXPECT_EQ(FaultsOfFolders(world, stream->project), Faults());
    }
    EXPECT_EQ(FaultsOfDeliveries(world, {shop_, cart_}), Faults());
    EXPECT_EQ(FaultsOfAudit(world), Faults());
  }

  CrashWorld world_{{"shop", "cart"}};
  PushedStream shop_{"shop", {}, {}};
  PushedStream cart_{"cart", {}, {}};
  int pushes_ = 0;
};

TEST_F(FailPoints, given_a_push_when_killed_at_each_place_of_its_way_then_it_ends_where_it_would) {
  DieAtEachPlaceOf({Flow::kStart, Flow::kPush});
}

TEST_F(FailPoints, given_a_request_when_killed_at_each_place_then_it_is_done_once) {
  DieAtEachPlaceOf({Flow::kRequest});
}

TEST_F(FailPoints, given_a_drift_when_killed_at_each_place_then_it_is_healed_once) {
  DieAtEachPlaceOf({Flow::kDrift});
}

TEST_F(FailPoints, given_a_release_that_is_not_healthy_when_killed_then_the_way_back_goes_on) {
  std::string file = DeploymentFile(world_.at().folder() / "live", "dev", "cart");
  file.insert(file.find("drift:"),
              "    health: {command: 'test $((${FAILGATE_RELEASE##*-} % 2)) = 1', timeout: 2s}\n");
  world_.at().Push("operations", {{"environments/dev/cart.yaml", file}}, "alice");
  DieAtEachPlaceOf({Flow::kBadHealth});
}

TEST(FailPoint, AWordThatNamesNoPlaceEndsTheProgram) {
  CrashWorld world({"shop"});
  world.at().server_environment = {{"FAILGATE_FAIL_POINT", "nowhere"}};
  EXPECT_THROW(world.at().Start(false), Error);
  EXPECT_EQ(world.at().server().AwaitEnd(), 2);
}

}  // namespace
}  // namespace failgate
