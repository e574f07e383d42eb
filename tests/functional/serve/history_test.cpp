// Who may write: one controller at a time, and only on top of what was accepted.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

class History : public ::testing::Test {
 protected:
  explicit History(const std::string& poll = "1h") : world_({{"shop", "github", poll, "", ""}}) {}
  ~History() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  std::string Release(const std::string& text) {
    return world_.AwaitRun("shop", world_.PushAndTell({"shop", text}))["release"]
        .get<std::string>();
  }
  void AwaitRecette(const std::string& release) {
    world_.AwaitLive("shop", "dev", release);
    world_.AwaitLive("shop", "recette", release);
  }
  std::string HeadOf(const std::string& branch) {
    return world_.Git(world_.origin("operations"), {"rev-parse", "refs/heads/" + branch});
  }
  void SetHead(const std::string& branch, const std::string& commit) {
    world_.Git(world_.origin("operations"), {"update-ref", "refs/heads/" + branch, commit});
  }
  /// The newest commit of the log before the fact `word` about `path` was written.
  std::string BeforeTheLast(const std::string& word, const std::string& path) {
    return world_.Git(
        world_.origin("operations"),
        {"log", "-1", "--format=%P", "--grep=^Fact: " + word + "$", "deploy-log", "--", path});
  }
  void AwaitReadiness(int status, const std::string& word) {
    world_.WaitFor(fmt::format("/readyz is {} and says \"{}\"", status, word), [&] {
      const auto answer = world_.Fetch("/readyz");
      return answer && answer->status == status && answer->body.find(word) != std::string::npos;
    });
  }
  bool MetricsSay(const std::string& line) {
    const auto answer = world_.Fetch("/metrics");
    return answer && answer->body.find(line) != std::string::npos;
  }
  CommandResult Accept(const std::string& commit, const std::string& person = "olga") {
    return world_.Cli({"accept-history", commit, "-m", "restored from the backup"}, person);
  }
  /// The audit of a fresh clone.
  void ExpectCleanAudit() {
    const CommandResult audit =
        world_.Cli({"audit", "verify", "--repo", world_.CloneOperations().string()}, "");
    EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
  }

  Installation world_;
};

TEST_F(History, given_a_log_that_lost_its_end_when_accepted_then_the_lost_release_is_told_again) {
  world_.Start();
  AwaitRecette(Release("first"));
  AwaitRecette(Release("second"));
  const std::string lost = HeadOf("deploy-log");
  const std::string left = BeforeTheLast("released", "releases/shop/shop-2.json");
  SetHead("deploy-log", left);
  AwaitReadiness(503, "rewritten");
  EXPECT_TRUE(MetricsSay("failgate_promotion_stopped{reason=\"rewritten\"} 1"));
  EXPECT_TRUE(MetricsSay("failgate_promotion_stopped{reason=\"fenced\"} 0"));

  EXPECT_EQ(Accept(left, "alice").exit_code, 1) << "an approver is no operator";
  const CommandResult other = Accept(HeadOf("main"));
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr(left)) << "it must be the head that was examined";
  EXPECT_EQ(Accept(left.substr(0, 12)).exit_code, 1) << "named in full";
  EXPECT_EQ(HeadOf("deploy-log"), left) << "nothing was written meanwhile";

  const CommandResult accepted = Accept(left);
  EXPECT_EQ(accepted.exit_code, 0) << accepted.err;
  EXPECT_THAT(accepted.out, HasSubstr(lost));
  AwaitReadiness(200, "[]");
  AwaitRecette("shop-2");
  AwaitRecette(Release("third"));
  EXPECT_EQ(world_.Status("shop", "dev")["running"], "shop-3");
  const std::string fact = world_.Git(
      world_.origin("operations"), {"log", "-1", "--grep=^Fact: history-accepted$", "deploy-log"});
  EXPECT_THAT(fact, HasSubstr("Branch: deploy-log"));
  EXPECT_THAT(fact, HasSubstr("Lost: " + lost));
  EXPECT_THAT(fact, HasSubstr("Commit: " + left));
  EXPECT_THAT(fact, HasSubstr("Requested-by: Olga"));
  EXPECT_THAT(fact, HasSubstr("Reason: restored from the backup"));
  ExpectCleanAudit();
  const CommandResult cut = world_.Cli(
      {"audit", "verify", "--repo", world_.CloneOperations("second").string(), "--expect", lost},
      "");
  EXPECT_EQ(cut.exit_code, 1) << "who noted the lost head still finds out";
}

TEST_F(History, given_a_killed_controller_when_the_log_lost_its_end_then_the_next_start_stops_too) {
  world_.Start();
  AwaitRecette(Release("first"));
  const std::string lost = HeadOf("deploy-log");
  world_.Kill();
  SetHead("deploy-log", lost + "~1");
  world_.Start(false);
  AwaitReadiness(503, "rewritten");
  EXPECT_EQ(world_.Fetch("/healthz")->status, 200);
  const auto answer = world_.SendWebhook("shop", world_.Push("shop", FilesOf({"shop", "second"})));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 202) << "deliveries are taken meanwhile";
  SetHead("deploy-log", lost);
  AwaitReadiness(200, "[]");
  AwaitRecette("shop-2");
  ExpectCleanAudit();
}

TEST_F(History, given_main_was_rewritten_when_accepted_then_what_is_left_counts) {
  world_.Start();
  AwaitRecette(Release("first"));
  const std::string left = HeadOf("main");
  static_cast<void>(
      world_.Push("operations", {{"desired/recette/shop.yaml", "release: newest\n"}}, "alice"));
  world_.WaitFor("the controller has seen it", [&] {
    return world_.Git(world_.folder() / "data/operations.git",
                      {"rev-parse", "refs/failgate/main"}) == HeadOf("main");
  });
  const std::string lost = HeadOf("main");
  SetHead("main", left);
  AwaitReadiness(503, "main was rewritten");
  EXPECT_EQ(Accept(left).exit_code, 0);
  AwaitReadiness(200, "[]");
  const std::string fact = world_.Git(
      world_.origin("operations"), {"log", "-1", "--grep=^Fact: history-accepted$", "deploy-log"});
  EXPECT_THAT(fact, HasSubstr("Branch: main"));
  EXPECT_THAT(fact, HasSubstr("Lost: " + lost));
  AwaitRecette(Release("second"));
  ExpectCleanAudit();
  const CommandResult again = Accept(left);
  EXPECT_EQ(again.exit_code, 1) << "nothing is left to accept";
}

/// A second controller on a data directory and a port of its own.
class TwoControllers : public History {
 protected:
  /// Whoever works finds a push by itself.
  TwoControllers() : History("500ms") {}
  std::unique_ptr<ServerProcess> StartSecond() {
    std::string file = ReadFile(world_.config());
    const std::string mine = (world_.folder() / "data").string();
    file.replace(file.find(mine), mine.size(), mine + "-second");
    const auto config = world_.folder() / "server/second.yaml";
    WriteFileDurably(config, file, 0600);
    auto second = std::make_unique<ServerProcess>(
        processes_,
        config,
        ServerProcess::Environment{{"PATH", "/usr/bin:/bin"}, {"HOME", world_.folder().string()}},
        world_.folder() / "second.log");
    return second;
  }
  /// The newest instance that says so in the log.
  std::string Works() {
    const std::string json =
        world_.Git(world_.origin("operations"), {"show", "deploy-log:controller.json"});
    return Json::parse(json)["instance"].get<std::string>();
  }
  static int Readiness(const std::string& url, std::string& body) {
    ClientRequest request;
    request.url = url + "/readyz";
    const ClientResponse answer = failgate::Fetch(request);
    body = answer.body;
    return answer.status;
  }

  ProcessRunner processes_;
};

TEST_F(TwoControllers,
       given_two_data_directories_when_both_start_then_one_works_the_other_says_why) {
  auto second = StartSecond();
  world_.Start(false);
  const auto url = second->AwaitListening();
  ASSERT_TRUE(url) << second->output();
  std::string first_says;
  std::string second_says;
  world_.WaitFor("exactly one is ready", [&] {
    const int first = Readiness(world_.url(), first_says);
    const int other = Readiness(*url, second_says);
    const std::string& fenced = first == 503 ? first_says : second_says;
    return (first == 200) != (other == 200) &&
           fenced.find("another instance of test works on this log") != std::string::npos;
  });
  const std::string works = Works();
  // Whoever of the two works does all of it, and it stays so.
  static_cast<void>(world_.Push("shop", FilesOf({"shop", "first"})));
  world_.WaitFor("the push is released once", [&] {
    const auto facts = world_.Facts("projects/shop.json");
    return std::count(facts.begin(), facts.end(), "released") == 1;
  });
  EXPECT_EQ(Works(), works);
  ExpectCleanAudit();
  second->Kill();
}

TEST_F(TwoControllers, given_a_newer_instance_when_it_took_over_then_the_older_touches_no_target) {
  world_.Start();
  AwaitRecette(Release("first"));
  auto second = StartSecond();
  ASSERT_TRUE(second->AwaitListening()) << second->output();
  AwaitReadiness(503, "another instance");
  EXPECT_TRUE(MetricsSay("failgate_promotion_stopped{reason=\"fenced\"} 1"));
  second->Kill();
  // Nobody repairs this now: the one that could is fenced, the one that may is dead.
  const auto link = world_.live("dev", "shop");
  std::filesystem::remove(link);
  const std::string head = HeadOf("deploy-log");
  static_cast<void>(world_.PushAndTell({"shop", "second"}));
  world_.WaitFor("the run has ended", [&] {
    const Json runs = world_.Get("/api/v1/runs?state=succeeded");
    return runs.is_array() && runs.size() == 2;
  });
  const CommandResult sync = world_.Cli({"sync", "operations"}, "olga");
  EXPECT_EQ(sync.exit_code, 0) << sync.err;
  AwaitReadiness(503, "another instance");
  EXPECT_FALSE(std::filesystem::is_symlink(link));
  EXPECT_EQ(HeadOf("deploy-log"), head);
}

}  // namespace
}  // namespace failgate
