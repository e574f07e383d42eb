// What is lost, late, down or refused: the log is what counts, others go on, and it comes back by
// itself.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

class Recovery : public ::testing::Test {
 protected:
  ~Recovery() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }

  std::string Release(const std::string& project, const std::string& text) {
    return world_.AwaitRun(project, world_.PushAndTell({project, text}))["release"]
        .get<std::string>();
  }
  void AwaitRecette(const std::string& project, const std::string& release) {
    world_.AwaitLive(project, "dev", release);
    world_.AwaitLive(project, "recette", release);
  }
  /// Two releases of the shop, the first one in prod; nothing is on its way.
  void LiveEverywhere() {
    world_.Start();
    AwaitRecette("shop", Release("shop", "first"));
    world_.TakeToProd("shop", "shop-1");
    AwaitRecette("shop", Release("shop", "second"));
  }
  Json StatusOfShop() { return world_.Get("/api/v1/status?project=shop"); }
  std::vector<std::string> EffectsOfShop() {
    std::vector<std::string> effects;
    for (const char* environment : {"dev", "recette", "prod"}) {
      for (const std::string& fact : world_.Facts(fmt::format("{}/shop.json", environment))) {
        effects.push_back(fmt::format("{} {}", environment, fact));
      }
    }
    return effects;
  }
  /// After a restart with `lost` gone: the same status, no effect repeated, and work goes on.
  void ExpectNothingChangesWithout(const std::filesystem::path& lost) {
    LiveEverywhere();
    const Json status = StatusOfShop();
    const auto effects = EffectsOfShop();
    const auto link = std::filesystem::read_symlink(world_.live("prod", "shop"));
    ASSERT_EQ(world_.Stop(), 0);
    RemoveTree(lost);
    for (const char* suffix : {"-wal", "-shm"}) {
      std::filesystem::remove(lost.string() + suffix);
    }
    world_.MakeTokens();
    world_.Start();
    // Once another project climbed, the promoter has looked at everything more than once.
    AwaitRecette("cart", Release("cart", "first"));
    world_.WaitFor("the status is the same", [&] { return StatusOfShop() == status; });
    EXPECT_EQ(EffectsOfShop(), effects);
    EXPECT_EQ(std::filesystem::read_symlink(world_.live("prod", "shop")), link);
    const std::string third = Release("shop", "third");
    EXPECT_EQ(third, "shop-3");
    AwaitRecette("shop", third);
  }
  void ExpectUnreadyBecause(const std::string& word) {
    world_.WaitFor("/readyz says why", [&] {
      const auto answer = world_.Fetch("/readyz");
      return answer && answer->body.find(word) != std::string::npos;
    });
  }

  Installation world_{{{"shop", "github", "1h", "", ""}, {"cart", "gitlab", "1h", "", ""}}};
};

TEST_F(Recovery, given_the_database_is_deleted_when_started_again_then_nothing_is_deployed_again) {
  ExpectNothingChangesWithout(world_.folder() / "data/failgate.db");
}

TEST_F(Recovery, given_the_data_directory_is_deleted_when_started_again_then_what_runs_stays) {
  ExpectNothingChangesWithout(world_.folder() / "data");
}

TEST_F(Recovery,
       given_the_operations_remote_is_down_when_pushed_then_the_run_ends_and_the_release_follows) {
  world_.Start();
  AwaitRecette("shop", Release("shop", "first"));
  const auto away = world_.folder() / "git/away.git";
  std::filesystem::rename(world_.origin("operations"), away);
  ExpectUnreadyBecause("operations");
  const CommitId head = world_.PushAndTell({"shop", "second"});
  world_.WaitFor("the run succeeds", [&] {
    const Json runs = world_.RunsOf("shop", head);
    return !runs.empty() && runs[0]["state"] == "succeeded";
  });
  EXPECT_EQ(world_.Status("shop", "dev")["running"], "shop-1") << "no effect before its fact";
  EXPECT_EQ(world_.Fetch("/healthz")->status, 200);
  std::filesystem::rename(away, world_.origin("operations"));
  AwaitRecette("shop", "shop-2");
  world_.WaitFor("/readyz has nothing to say", [&] {
    const Json ready = world_.Get("/readyz");
    return ready.is_object() && ready["problems"].empty();
  });
}

TEST_F(Recovery,
       given_the_operations_remote_refuses_pushes_when_it_accepts_again_then_all_is_written) {
  world_.Start();
  AwaitRecette("shop", Release("shop", "first"));
  const auto hook = world_.origin("operations") / "hooks/pre-receive";
  WriteFileDurably(hook, "#!/bin/sh\necho 'closed for the night' >&2\nexit 1\n", 0755);
  const CommitId head = world_.PushAndTell({"shop", "second"});
  world_.WaitFor("the run succeeds", [&] {
    const Json runs = world_.RunsOf("shop", head);
    return !runs.empty() && runs[0]["state"] == "succeeded";
  });
  ExpectUnreadyBecause("operations");
  EXPECT_EQ(world_.Status("shop", "dev")["running"], "shop-1");
  std::filesystem::remove(hook);
  AwaitRecette("shop", "shop-2");
}

TEST_F(Recovery, given_a_server_runs_when_a_second_starts_on_its_data_then_the_second_refuses) {
  world_.Start();
  const CommandResult second = world_.Cli({"serve", "--config", world_.config().string()}, "");
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("another failgate works on"));
  EXPECT_EQ(world_.Fetch("/readyz")->status, 200);
}

TEST_F(Recovery, given_the_log_of_a_controller_of_another_name_when_started_then_it_refuses) {
  world_.Start();
  ASSERT_EQ(world_.Stop(), 0);
  const std::vector<std::string> facts = world_.Facts();
  std::string file = ReadFile(world_.config());
  file.replace(file.find("controller: test"), 16, "controller: other");
  WriteFileDurably(world_.config(), file, 0600);
  RemoveTree(world_.folder() / "data");
  world_.Start(false);
  EXPECT_EQ(world_.server().AwaitEnd(), 1);
  EXPECT_NE(world_.server().output().find("belongs to the controller \"test\", not to \"other\""),
            std::string::npos);
  EXPECT_EQ(world_.Facts(), facts);
}

TEST(Polling, given_a_lost_webhook_when_polled_then_the_push_is_found) {
  Installation world{{{"shop", "gitlab", "500ms", "", ""}}};
  world.Start();
  const CommitId head = world.Push("shop", FilesOf({"shop", "first"}));
  EXPECT_EQ(world.AwaitRun("shop", head)["release"], "shop-1");
  world.AwaitLive("shop", "recette", "shop-1");
  EXPECT_TRUE(world.Deliveries().empty());
}

TEST(SlowSource,
     given_a_remote_that_never_answers_when_another_source_is_pushed_then_it_is_not_delayed) {
  const FileDescriptor silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(silent.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(silent.get(), 64), 0);
  ASSERT_EQ(::getsockname(silent.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  const std::string url = fmt::format("http://127.0.0.1:{}/slow.git", ntohs(address.sin_port));
  Installation world{{{"slow", "github", "200ms", url, ""}, {"shop", "gitlab", "1h", "", ""}}};
  world.Start();
  const SteadyTime begin = SystemClock().Steady();
  const CommitId head = world.PushAndTell({"shop", "first"});
  EXPECT_EQ(world.AwaitRun("shop", head)["release"], "shop-1");
  world.AwaitLive("shop", "recette", "shop-1");
  // The deadline of a fetch is longer: whoever had waited for it would come later.
  EXPECT_LT(SystemClock().Steady() - begin, std::chrono::seconds(60));
}

}  // namespace
}  // namespace failgate
