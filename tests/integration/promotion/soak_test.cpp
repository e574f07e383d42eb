// A release soaks in recette before prod may have it: what interrupts it, what it is held for.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "controller/base/durable_file.h"
#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using std::chrono::hours;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Something that answers on a free port of this machine while it is open.
class OpenPort {
 public:
  explicit OpenPort(std::uint16_t port = 0) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    const int yes = 1;
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address_.sin_port = htons(port);
    socklen_t size = sizeof address_;
    auto* generic = reinterpret_cast<sockaddr*>(&address_);
    EXPECT_EQ(bind(socket_, generic, size), 0);
    EXPECT_EQ(listen(socket_, 64), 0);
    EXPECT_EQ(getsockname(socket_, generic, &size), 0);
  }
  ~OpenPort() { close(socket_); }
  OpenPort(const OpenPort&) = delete;
  OpenPort& operator=(const OpenPort&) = delete;
  [[nodiscard]] std::uint16_t number() const { return ntohs(address_.sin_port); }

 private:
  int socket_;
  sockaddr_in address_{};
};

class SoakInRecette : public testing::Test {
 protected:
  void Prepare(const std::string& soak, const std::string& policy = "deployment") {
    world_.EditMain({{"environments/prod/environment.yaml",
                      "after: recette\npolicy: " + policy + "\ngates:\n  soak: " + soak + "\n"}},
                    "Let releases soak");
    Release("one");
    ASSERT_EQ(world_.Status("recette").running.text(), "app-1");
    began_ = *world_.Status("recette").since;
  }
  void Release(const std::string& content) {
    world_.PassRun({5, 2, 90, content});
    world_.Turn();
  }
  void GoTo(TimePoint time) {
    world_.clock.SetWall(time);
    world_.Turn();
  }
  [[nodiscard]] GateVerdict Verdict() {
    for (const GateVerdict& verdict : world_.Why("prod").gates) {
      if (verdict.gate == "soak") return verdict;
    }
    return {};
  }
  LadderWorld world_;
  TimePoint began_;
};

TEST_F(SoakInRecette, EntersProdByItselfWhenTheTimeIsOver) {
  Prepare("{in: recette, for: 24h}");
  EXPECT_EQ(Verdict().verdict, Verdict::kWait);
  EXPECT_EQ(Verdict().until, began_ + hours(24));
  GoTo(began_ + hours(24) - std::chrono::minutes(1));
  EXPECT_EQ(world_.Live("prod"), "");
  world_.clock.SetWall(began_ + hours(24));
  EXPECT_TRUE(world_.IsDue());
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one");
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(SoakInRecette, BeginsAgainAfterADrift) {
  Prepare("{in: recette, for: 24h}");
  world_.clock.SetWall(began_ + hours(23));
  world_.clock.Advance(std::chrono::minutes(2));
  const auto live = world_.folder.path() / "srv/recette/app/app.txt";
  WriteFileDurably(live, "spoilt");
  world_.Turn();
  ASSERT_THAT(world_.Facts("recette"), Contains("healed app-1"));
  GoTo(began_ + hours(24));
  EXPECT_EQ(world_.Live("prod"), "");
  ASSERT_TRUE(Verdict().until.has_value());
  EXPECT_GT(*Verdict().until, began_ + hours(23 + 24));
  GoTo(*Verdict().until);
  EXPECT_EQ(world_.Live("prod"), "one");
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(SoakInRecette, ANewerReleaseEndsASoakThatHasNoReservation) {
  Prepare("{in: recette, for: 24h}");
  GoTo(began_ + hours(12));
  Release("two");
  EXPECT_EQ(world_.Live("recette"), "two");
  GoTo(began_ + hours(25));
  EXPECT_EQ(world_.Live("prod"), "");
  GoTo(began_ + hours(37));
  EXPECT_EQ(world_.Live("prod"), "two");
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(SoakInRecette, IsDueWhenItsTimeEndedWhileAPassWasPushing) {
  Prepare("{in: recette, for: 24h}");
  const auto begun = world_.folder.path() / "push-begun";
  const auto go_on = world_.folder.path() / "go-on";
  world_.operations.Pull();
  world_.operations.Commit({{"desired/dev/app.yaml", "hold: {reason: mine}\n"}}, "Hold it");
  world_.operations.Push();
  const auto hook = world_.operations.origin() / "hooks" / "pre-receive";
  CreateFolders(hook.parent_path());
  WriteFileDurably(hook,
                   "#!/bin/sh\ntouch " + begun.string() + "\ni=0\nwhile [ ! -e " + go_on.string() +
                       " ] && [ $i -lt 1000 ]; do sleep 0.01; i=$((i+1)); done\n");
  std::filesystem::permissions(hook, std::filesystem::perms::owner_all);
  world_.clock.SetWall(began_ + hours(24) - std::chrono::seconds(1));
  std::thread slow_remote([&] {
    for (int i = 0; i < 1000 && !std::filesystem::exists(begun); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    world_.clock.SetWall(began_ + hours(24) + std::chrono::seconds(1));
    WriteFileDurably(go_on, "");
  });
  world_.Pass();
  slow_remote.join();
  ASSERT_TRUE(std::filesystem::exists(begun)) << "the refusal was to be pushed";
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_TRUE(world_.IsDue());
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one");
}

TEST_F(SoakInRecette, WhatSoakedAndWasReplacedMayStillEnter) {
  Prepare("{in: recette, for: 24h}", "delivery");
  GoTo(began_ + hours(30));
  Release("two");
  EXPECT_EQ(world_.Live("recette"), "two");
  EXPECT_THAT(world_.Ask("promote", "prod", "app-2", "alice@example.com"), HasSubstr("waits"));
  EXPECT_EQ(world_.Live("prod"), "");
  world_.Ask("promote", "prod", "app-1", "alice@example.com");
  EXPECT_EQ(world_.Live("prod"), "one");
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(SoakInRecette, WhatWasTakenAwayGainsNoTimeUntilTheNextReleaseIsThere) {
  Prepare("{in: recette, for: 24h}", "delivery");
  GoTo(began_ + hours(12));
  world_.Ask("remove", "recette", "", "alice@example.com", Role::kApprover, "make room");
  world_.Turn();
  ASSERT_EQ(world_.Live("recette"), "");
  GoTo(began_ + hours(40));
  Release("two");
  world_.EditMain({{"desired/recette/app.yaml", "release: newest\n"}}, "Automation again");
  world_.Turn();
  ASSERT_EQ(world_.Live("recette"), "two");
  EXPECT_THAT(world_.Ask("promote", "prod", "app-1", "alice@example.com"),
              HasSubstr("then replaced before 1d were over"));
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(SoakInRecette, BeginsAgainAtTheTimeTheFactTellsWhateverTheClockSays) {
  Prepare("{in: recette, for: 24h}");
  world_.clock.SetWall(began_ - hours(1));
  world_.clock.Advance(std::chrono::minutes(2));
  WriteFileDurably(world_.folder.path() / "srv/recette/app/app.txt", "spoilt");
  world_.Turn();
  ASSERT_THAT(world_.Facts("recette"), Contains("healed app-1"));
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(SoakInRecette, WhatWasReplacedTooEarlyIsRefused) {
  Prepare("{in: recette, for: 24h}", "delivery");
  GoTo(began_ + hours(23));
  Release("two");
  GoTo(began_ + hours(40));
  EXPECT_THAT(world_.Ask("promote", "prod", "app-1", "alice@example.com"),
              HasSubstr("then replaced before 1d were over"));
  EXPECT_EQ(world_.Live("prod"), "");
}

TEST_F(SoakInRecette, AReservationHoldsNewerReleasesBackAndTheNewestEntersNext) {
  Prepare("{in: recette, for: 24h, reserve: true}");
  GoTo(began_ + hours(12));
  Release("two");
  Release("three");
  EXPECT_EQ(world_.Live("dev"), "three");
  EXPECT_EQ(world_.Live("recette"), "one");
  EXPECT_THAT(world_.Why("recette").text,
              HasSubstr("reserved: app-1 soaks until " + FormatTime(began_ + hours(24))));
  GoTo(began_ + hours(24));
  EXPECT_EQ(world_.Live("prod"), "one");
  EXPECT_EQ(world_.Live("recette"), "three");
  EXPECT_THAT(world_.Facts("recette"), Not(Contains("promoted app-2")));
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(SoakInRecette, BeginsAgainAfterAHealthCheckFailedThoughNothingDrifted) {
  auto service = std::make_unique<OpenPort>();
  const std::uint16_t port = service->number();
  world_.EditMain(
      {{"environments/recette/app.yaml",
        "deploy:\n  - name: app\n    directory: {path: " +
            (world_.folder.path() / "srv/recette/app").string() +
            ", artifacts: [app]}\n    health: {tcp: \"127.0.0.1:" + std::to_string(port) +
            "\", timeout: 5s}\ndrift: {every: 1s, heal: true}\n"}},
      "Ask for health");
  Prepare("{in: recette, for: 24h}");
  service.reset();
  GoTo(began_ + hours(20));
  GoTo(began_ + hours(21));
  EXPECT_THAT(world_.Facts("recette"), Contains("drifted app-1").Times(1));
  EXPECT_EQ(world_.Status("recette").health, "unhealthy");
  EXPECT_EQ(world_.Status("recette").drift, "none");
  EXPECT_EQ(world_.Status("recette").state, "failed");
  EXPECT_THAT(world_.Status("recette").text, HasSubstr("app-1 is not healthy"));
  EXPECT_THAT(world_.Why("recette").next, Contains("failgate rollback app recette -m REASON"));
  GoTo(began_ + hours(25));
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_THAT(Verdict().reason, HasSubstr("unhealthy"));
  service = std::make_unique<OpenPort>(port);
  GoTo(began_ + hours(30));
  EXPECT_THAT(world_.Facts("recette"), Contains("healed app-1").Times(1));
  EXPECT_EQ(world_.Status("recette").health, "healthy");
  GoTo(began_ + hours(53));
  EXPECT_EQ(world_.Live("prod"), "");
  GoTo(began_ + hours(55));
  EXPECT_EQ(world_.Live("prod"), "one");
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(SoakInRecette, ADriftThatNobodyHealsStopsTheSoakAndFreesThePlace) {
  Prepare("{in: recette, for: 24h, reserve: true}");
  const auto place = world_.folder.path() / "srv/recette/app";
  world_.EditMain({{"environments/recette/app.yaml",
                    "deploy:\n  - name: app\n    directory: {path: " + place.string() +
                        ", artifacts: [app]}\ndrift: {every: 1s, heal: false}\n"}},
                  "Only tell of drift");
  WriteFileDurably(place / "app.txt", "spoilt");
  world_.clock.Advance(std::chrono::minutes(2));
  world_.Turn();
  ASSERT_THAT(world_.Facts("recette"), Contains("drifted app-1"));
  EXPECT_THAT(Verdict().reason, HasSubstr("unhealthy or drifted now"));
  EXPECT_EQ(Verdict().until, std::nullopt);
  GoTo(began_ + hours(30));
  EXPECT_EQ(world_.Live("prod"), "");
  Release("two");
  EXPECT_EQ(world_.Live("recette"), "two");
  EXPECT_THAT(world_.Ask("promote", "prod", "app-1", "alice@example.com"),
              HasSubstr("it is not known that it ran steadily for 1d before"));
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(SoakInRecette, ASlipInTheFileThatReservesEndsNoReservation) {
  Prepare("{in: recette, for: 24h, reserve: true}");
  world_.EditMain({{"environments/prod/environment.yaml",
                    "after: recette\npolicy: deployment\ngates:\n"
                    "  soak: {in: recette, four: 24h, reserve: true}\n"}},
                  "Slip");
  Release("two");
  EXPECT_EQ(world_.Live("recette"), "one");
  EXPECT_EQ(world_.Live("dev"), "two") << "nothing soaks there";
  EXPECT_THAT(world_.Why("recette").text,
              HasSubstr("app-1 soaks for prod, whose files have problems: mend them"));
  world_.EditMain({{"environments/prod/environment.yaml",
                    "after: recette\npolicy: deployment\ngates:\n"
                    "  soak: {in: recette, for: 24h, reserve: true}\n"}},
                  "Mend it");
  EXPECT_EQ(world_.Live("recette"), "one");
  GoTo(began_ + hours(24));
  EXPECT_EQ(world_.Live("prod"), "one");
  EXPECT_EQ(world_.Live("recette"), "two");
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(SoakInRecette, APersonIsNotHeldUpByAReservation) {
  Prepare("{in: recette, for: 24h, reserve: true}");
  Release("two");
  EXPECT_EQ(world_.Live("recette"), "one");
  world_.Ask("promote", "recette", "app-2", "alice@example.com");
  EXPECT_EQ(world_.Live("recette"), "two");
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(SoakInRecette, TakingTheReservationBackLetsTheNewestIn) {
  Prepare("{in: recette, for: 24h, reserve: true}");
  Release("two");
  EXPECT_EQ(world_.Live("recette"), "one");
  world_.EditMain(
      {{"environments/prod/environment.yaml",
        "after: recette\npolicy: deployment\ngates:\n  soak: {in: recette, for: 24h}\n"}},
      "Reserve no longer");
  EXPECT_EQ(world_.Live("recette"), "two");
}

}  // namespace
}  // namespace failgate
