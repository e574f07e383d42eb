// kill -9 at random moments while people push, approve, promote and tamper; then the books must be
// right. What is asked of them is asked of git, the API and the disk, not of the program's memory.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "tests/functional/crash/torn_watch.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

unsigned long FromEnvironment(const char* name, unsigned long standard) {
  const char* value = std::getenv(name);
  return value == nullptr ? standard : std::stoul(value);
}

class Random {
 public:
  explicit Random(unsigned long seed) : engine_(seed) {}
  int Between(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(engine_);
  }
  void Pause(int least, int most) { ::poll(nullptr, 0, Between(least, most)); }

 private:
  std::mt19937_64 engine_;
};

/// What one source's person pushed and what the server took on.
struct Stream {
  std::string project;
  std::string person;
  std::vector<CommitId> heads;
  std::vector<std::string> accepted;  ///< delivery ids answered with 202
};

class Crash : public ::testing::Test {
 protected:
  Crash() : seed_(FromEnvironment("FAILGATE_CRASH_SEED", std::random_device()())) {
    std::printf("FAILGATE_CRASH_SEED=%lu\n", seed_);
    std::fflush(stdout);
    world_.operations_poll = "500ms";
    world_.WriteServerFile();
  }
  ~Crash() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }

  void PushOnce(Stream& stream, const std::string& text) {
    const CommitId head =
        world_.Push(stream.project, FilesOf({stream.project, text}), stream.person);
    stream.heads.push_back(head);
    const auto answer = world_.SendWebhook(stream.project, head);
    if (answer && answer->status == 202) {
      stream.accepted.push_back(Json::parse(answer->body)["delivery"].get<std::string>());
    }
  }
  void PushOn(Stream& stream, unsigned long seed, const std::stop_token& stop) {
    Random random(seed);
    for (int number = 0; !stop.stop_requested(); ++number) {
      PushOnce(stream, fmt::format("text {}", number));
      random.Pause(100, 1200);
    }
  }
  /// Whatever has reached recette is asked for in prod; answers do not matter, the server may die.
  void PromoteOn(unsigned long seed, const std::stop_token& stop) {
    Random random(seed);
    while (!stop.stop_requested()) {
      for (const char* project : {"shop", "cart"}) {
        const Json row = world_.Status(project, "recette");
        if (!row.is_object() || !row["running"].is_string()) continue;
        const std::string release = row["running"].get<std::string>();
        for (const auto& [person, verb] :
             {std::pair("dana", "promote"), {"alice", "approve"}, {"bob", "approve"}}) {
          static_cast<void>(world_.Cli({verb, release, "prod"}, person));
        }
      }
      random.Pause(200, 1000);
    }
  }
  /// Only in recette: the links of dev and prod are watched for torn deployments.
  void TamperOn(unsigned long seed, const std::stop_token& stop) {
    Random random(seed);
    while (!stop.stop_requested()) {
      for (const char* project : {"shop", "cart"}) {
        std::error_code error;
        const auto payload = world_.live("recette", project) / "app/payload";
        std::filesystem::permissions(payload, std::filesystem::perms(0644), error);
        if (!error) std::filesystem::resize_file(payload, 7, error);
      }
      random.Pause(500, 2500);
    }
  }

  void CrashAgainAndAgain(unsigned long rounds) {
    Random random(seed_);
    std::vector<std::jthread> people;
    for (Stream* stream : {&shop_, &cart_}) {
      const unsigned long own = seed_ + people.size() + 1;
      people.emplace_back(
          [this, stream, own](const std::stop_token& stop) { PushOn(*stream, own, stop); });
    }
    people.emplace_back([this](const std::stop_token& stop) { PromoteOn(seed_ + 3, stop); });
    people.emplace_back([this](const std::stop_token& stop) { TamperOn(seed_ + 4, stop); });
    for (unsigned long round = 0; round < rounds; ++round) {
      random.Pause(20, 3000);
      world_.Kill();
      world_.Start(false);
    }
  }
  void Settle() {
    world_.WaitFor("the server is ready", [&] {
      const auto answer = world_.Fetch("/readyz");
      return answer && answer->status == 200;
    });
    for (Stream* stream : {&shop_, &cart_}) {
      PushOnce(*stream, "the last one");
      const Json run = world_.AwaitRun(stream->project, stream->heads.back());
      ASSERT_EQ(run["state"], "succeeded") << run.dump();
      last_[stream->project] = run["release"].get<std::string>();
      world_.AwaitLive(stream->project, "dev", last_[stream->project]);
      world_.AwaitLive(stream->project, "recette", last_[stream->project]);
      world_.TakeToProd(stream->project, last_[stream->project]);
    }
    world_.WaitFor("nothing is left to do", [&] {
      for (const char* state : {"queued", "running"}) {
        const Json runs = world_.Get(fmt::format("/api/v1/runs?state={}", state));
        if (!runs.is_array() || !runs.empty()) return false;
      }
      for (const Json& delivery : world_.Deliveries()) {
        if (delivery["status"] != "done" && delivery["status"] != "ignored") return false;
      }
      return true;
    });
  }

  void ExpectEveryDeliveryOnce() {
    std::map<std::string, int> seen;
    for (const Json& delivery : world_.Deliveries()) {
      ++seen[delivery["id"].get<std::string>()];
      EXPECT_FALSE(delivery["outcome"].is_null()) << delivery.dump();
    }
    for (const Stream* stream : {&shop_, &cart_}) {
      for (const std::string& id : stream->accepted) {
        EXPECT_EQ(seen[id], 1) << stream->project << " delivery " << id;
      }
    }
  }
  void ExpectEveryRunEndedOnce() {
    std::map<std::string, int> superseded;
    for (const std::string& run : LogValues("Run", "--grep=^Fact: superseded")) ++superseded[run];
    for (const Stream* stream : {&shop_, &cart_}) {
      for (const CommitId& head : stream->heads) {
        const Json runs = world_.RunsOf(stream->project, head);
        EXPECT_LE(runs.size(), 1U) << runs.dump();
        for (const Json& run : runs) {
          const int facts = superseded[run["id"].get<std::string>()];
          if (run["state"] == "superseded") {
            EXPECT_EQ(facts, 1) << run.dump();
          } else {
            EXPECT_EQ(run["state"], "succeeded") << run.dump();
            EXPECT_EQ(run["release_state"], "done") << run.dump();
            EXPECT_EQ(facts, 0) << run.dump();
          }
        }
      }
    }
  }
  /// Numbers 1..n without a hole, one record a revision, the last head among them.
  void ExpectReleasesAreComplete(const Stream& stream) {
    const auto origin = world_.origin("operations");
    const std::string folder = fmt::format("releases/{}/", stream.project);
    const auto files =
        Split(world_.Git(origin, {"ls-tree", "-r", "--name-only", "deploy-log", folder}), '\n');
    std::set<long> numbers;
    std::map<std::string, int> revisions;
    for (const std::string& file : files) {
      const Json record = Json::parse(world_.Git(origin, {"show", "deploy-log:" + file}));
      numbers.insert(record["number"].get<long>());
      ++revisions[record["revision"].get<std::string>()];
    }
    EXPECT_EQ(numbers.size(), files.size());
    EXPECT_EQ(*numbers.begin(), 1);
    EXPECT_EQ(*numbers.rbegin(), static_cast<long>(files.size()));
    for (const auto& [revision, count] : revisions) EXPECT_EQ(count, 1) << revision;
    EXPECT_EQ(revisions[stream.heads.back().text()], 1);
  }
  std::vector<std::string> LogValues(const std::string& trailer, const std::string& filter = "") {
    std::vector<std::string> arguments = {
        "log",
        "--reverse",
        fmt::format("--format=%(trailers:key={},valueonly,separator=)", trailer)};
    if (!filter.empty()) arguments.push_back(filter);
    arguments.emplace_back("deploy-log");
    const std::string text = world_.Git(world_.origin("operations"), arguments);
    return text.empty() ? std::vector<std::string>() : Split(text, '\n');
  }
  void ExpectTheLogRunsOn() {
    const auto sequences = LogValues("Sequence");
    for (std::size_t at = 0; at < sequences.size(); ++at) {
      EXPECT_EQ(sequences[at], std::to_string(at + 1));
    }
    // An attempt ends once.
    std::map<std::string, int> ends;
    const std::string told = world_.Git(world_.origin("operations"),
                                        {"log",
                                         "--format=%(trailers:key=Fact,valueonly,separator=) "
                                         "%(trailers:key=Environment,valueonly,separator=)/"
                                         "%(trailers:key=Project,valueonly,separator=)/"
                                         "%(trailers:key=Attempt,valueonly,separator=)",
                                         "deploy-log"});
    for (const std::string& line : Split(told, '\n')) {
      const auto words = Split(line, ' ');
      if (words.at(0) == "deployed" || words[0] == "promoted") ++ends[line];
      // Where people tamper, a deployment may find its own work undone.
      EXPECT_FALSE(words[0] == "failed" && words.at(1).rfind("recette/", 0) != 0) << line;
    }
    for (const auto& [line, count] : ends) EXPECT_EQ(count, 1) << line;
    const CommandResult audit =
        world_.Cli({"audit", "verify", "--repo", world_.CloneOperations().string()}, "");
    EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
  }

  unsigned long seed_;
  Installation world_{{{"shop", "github", "2s", "", ""}, {"cart", "gitlab", "2s", "", ""}}};
  Stream shop_{"shop", "dana", {}, {}};
  Stream cart_{"cart", "erik", {}, {}};
  std::map<std::string, std::string> last_;
};

TEST_F(Crash, given_people_at_work_when_killed_again_and_again_then_the_books_are_right) {
  const unsigned long rounds = FromEnvironment("FAILGATE_CRASH_ROUNDS", 30);
  world_.Start();
  TornWatch watch({world_.live("dev", "shop"),
                   world_.live("prod", "shop"),
                   world_.live("dev", "cart"),
                   world_.live("prod", "cart")});
  CrashAgainAndAgain(rounds);
  Settle();
  const long looks = watch.looks();
  EXPECT_EQ(watch.Finish(), std::vector<std::string>());
  EXPECT_GT(looks, 0);
  ExpectEveryDeliveryOnce();
  ExpectEveryRunEndedOnce();
  ExpectReleasesAreComplete(shop_);
  ExpectReleasesAreComplete(cart_);
  ExpectTheLogRunsOn();
  std::printf(
      "%lu rounds, %zu pushes, %zu accepted deliveries, %zu facts, %ld whole folders seen\n",
      rounds,
      shop_.heads.size() + cart_.heads.size(),
      shop_.accepted.size() + cart_.accepted.size(),
      LogValues("Sequence").size(),
      looks);
}

}  // namespace
}  // namespace failgate
