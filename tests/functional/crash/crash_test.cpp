// kill -9 at random moments and at random named places while people push, ask, edit and tamper, and
// while remotes, disk, database and clock fail; then the books must be right.
//
//   FAILGATE_CRASH_ROUNDS=1000 FAILGATE_CRASH_SEED=7 crash_functional_tests      for as long as you
//   like
//
// The books are read every fifty rounds. The last line says seed, rounds and violations.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "tests/functional/crash/books.h"
#include "tests/functional/crash/crash_world.h"
#include "tests/functional/crash/people.h"
#include "tests/functional/crash/torn_watch.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr unsigned long kRounds = 12;
constexpr unsigned long kRoundsBetweenBooks = 50;

unsigned long FromEnvironment(const char* name, unsigned long standard) {
  const char* value = std::getenv(name);
  return value == nullptr ? standard : std::stoul(value);
}

/// All that happens in one life of the server, chosen before it begins.
struct Life {
  bool grows_up = false;  ///< trouble waits until it is ready
  std::string place;      ///< where it dies by itself, or fails; empty = nowhere
  int clock_seconds = 0;  ///< ahead
  RemoteMood mood = RemoteMood::kKind;
  std::string away;  ///< the repository that cannot be found at first
  bool full_disk = false;
  int milliseconds = 0;  ///< until the trouble is over
  int after = 0;         ///< until it is killed
  bool lose_database = false;
  bool lose_data_directory = false;
};

Life DrawLife(Chance& chance, const std::vector<std::string>& projects) {
  constexpr std::array kMoods = {RemoteMood::kRefuse,
                                 RemoteMood::kHang,
                                 RemoteMood::kDie,
                                 RemoteMood::kForget,
                                 RemoteMood::kRace,
                                 RemoteMood::kAnswerLate};
  Life life;
  life.grows_up = chance.Percent(60);
  if (chance.Percent(40)) {
    // Mostly it dies there; else nothing gets past the place in all this life.
    life.place = chance.Percent(75)
                     ? fmt::format("{}:{}", chance.OneOf(kFailPoints), chance.Between(1, 3))
                     : fmt::format("{}=error", chance.OneOf(kFailPoints));
  }
  if (chance.Percent(15)) life.clock_seconds = chance.Between(-7200, 600);
  if (chance.Percent(50)) life.mood = chance.OneOf(kMoods);
  if (chance.Percent(15)) {
    life.away = chance.Percent(50) ? std::string("operations") : chance.OneOf(projects);
  }
  life.full_disk = chance.Percent(8);
  life.milliseconds = chance.Between(20, 2000);
  life.after =
      chance.Between(0, life.place.empty() ? 1000 : 3000);  // a place must be reached first
  life.lose_data_directory = chance.Percent(3);
  life.lose_database = !life.lose_data_directory && chance.Percent(10);
  return life;
}

class Crash : public ::testing::Test {
 protected:
  Crash() : seed_(FromEnvironment("FAILGATE_CRASH_SEED", std::random_device()())) {
    std::printf("FAILGATE_CRASH_SEED=%lu\n", seed_);
    std::fflush(stdout);
    may_fill_ = world_.HaveSmallDisk();
    MeasurePace();
  }
  ~Crash() override {
    if (!HasFailure()) return;
    for (const std::string& left : left_) {
      std::fprintf(stderr, "still on its way: %s\n", left.c_str());
    }
    const std::string log = world_.at().log();
    std::fputs(log.substr(log.size() < 100'000 ? 0 : log.size() - 100'000).c_str(), stderr);
    // A lock that nobody holds makes a remote refuse for ever.
    for (const auto& entry : std::filesystem::recursive_directory_iterator(world_.at().folder())) {
      if (entry.path().extension() == ".lock") std::fprintf(stderr, "%s\n", entry.path().c_str());
    }
  }

  /// A busy machine needs longer lives, or nothing happens in them.
  void MeasurePace() {
    const SteadyTime begin = SystemClock().Steady();
    world_.Start();
    world_.at().WaitFor("the server is ready", [&] { return IsReady(); });
    constexpr double kUsual = 700;  // milliseconds
    const auto took =
        std::chrono::duration_cast<Milliseconds>(SystemClock().Steady() - begin).count();
    pace_ = std::clamp(static_cast<double>(took) / kUsual, 1.0, 5.0);
    world_.Kill();
    ++kills_;
  }
  bool IsReady() const {
    const auto answer = world_.at().Fetch("/readyz");
    return answer && answer->status == 200;
  }
  void Live(const Life& life) {
    world_.Arm(life.place, life.clock_seconds);
    if (life.grows_up && world_.Start()) GrowUp();
    world_.SetMood(life.mood);
    if (!life.away.empty()) world_.MoveAway(life.away);
    if (!life.grows_up) static_cast<void>(world_.Start());
    const bool full = life.full_disk && may_fill_;
    if (full) world_.FillDisk();
    losses_.full_disk = losses_.full_disk || full;
    Wait(life.milliseconds);
    if (full) world_.FreeDisk();
    if (!life.away.empty()) world_.MoveBack(life.away);
    world_.SetMood(RemoteMood::kKind);
    Wait(life.after);
    world_.Kill();
    ++kills_;
    world_.Arm("");
    if (life.lose_data_directory) {
      losses_.data_directory = losses_.database = true;
      people_.ForgetDeliveries();
      world_.LoseDataDirectory();
    }
    if (life.lose_database) {
      losses_.database = true;
      world_.LoseDatabase();
    }
  }
  /// Until it is ready, unless it dies before or takes long.
  void GrowUp() {
    for (int looks = 0; looks < 200 && world_.at().server().running() && !IsReady(); ++looks) {
      ::poll(nullptr, 0, 50);
    }
  }
  void Wait(int milliseconds) {
    const double until = milliseconds * pace_;
    for (int waited = 0; waited < until && world_.at().server().running(); waited += 20) {
      ::poll(nullptr, 0, 20);
    }
  }

  /// Everybody goes home, the trouble ends; the last push of each goes all the way.
  void Settle() {
    const Installation& world = world_.at();
    world_.SetMood(RemoteMood::kKind);
    world_.Start();
    world.WaitFor("the server is ready", [&] { return IsReady(); });
    for (const std::string& project : world_.projects()) {
      const CommitId head = people_.PushOnce(project);
      const Json run = world.AwaitRun(project, head);
      ASSERT_EQ(run["state"], "succeeded") << run.dump();
      const std::string release = run["release"].get<std::string>();
      for (const char* environment : {"dev", "recette"}) {
        // It may stop only now, when it finds that the bytes are gone.
        world.WaitFor(fmt::format("{} runs in {}", release, environment), [&] {
          LetItGoOn(project, environment);
          return world.Status(project, environment)["running"] == release;
        });
        world.AwaitLive(project, environment, release);
      }
      LetItGoOn(project, "prod");
      world.TakeToProd(project, release);
    }
    world.WaitFor("nothing is left to do", [&] { return NothingIsOnItsWay(); });
  }
  /// Without the bytes of what ran there is no way back: then it stops, and says so, until a person
  /// answers.
  void LetItGoOn(const std::string& project, const std::string& environment) {
    if (!losses_.data_directory) return;
    const Installation& world = world_.at();
    world.WaitFor("its state is known",
                  [&] { return world.Status(project, environment).is_object(); });
    if (world.Status(project, environment)["state"] != "stopped") return;
    const CommandResult retry =
        world.Cli({"retry", project, environment, "-m", "the disk is new"}, "olga");
    EXPECT_EQ(retry.exit_code, 0) << retry.err;
  }
  bool NothingIsOnItsWay() {
    left_ = OnItsWay();
    return left_.empty();
  }
  Faults OnItsWay() {
    const Installation& world = world_.at();
    for (const char* state : {"queued", "running"}) {
      const Json runs = world.Get(fmt::format("/api/v1/runs?state={}", state));
      if (!runs.is_array() || !runs.empty()) return {runs.dump()};
    }
    for (const Json& delivery : world.Deliveries()) {
      if (delivery["status"] != "done" && delivery["status"] != "ignored") return {delivery.dump()};
    }
    const auto log = ReadLog(world);
    for (const PushedStream& stream : people_.Streams()) {
      Faults faults =
          FaultsOfRuns(world, log, ReadReleases(world, stream.project), stream, losses_);
      if (!faults.empty()) return faults;
    }
    return {};
  }

  void Note(const Faults& faults) {
    for (const std::string& fault : faults) {
      ADD_FAILURE() << fault;
      ++violations_;
    }
  }
  void ReadTheBooks() {
    const Installation& world = world_.at();
    const auto log = ReadLog(world);
    Note(FaultsOfLog(log));
    if (!losses_.data_directory) Note(FailuresBut(log, kTampered));
    const auto streams = people_.Streams();
    for (const PushedStream& stream : streams) {
      const auto releases = ReadReleases(world, stream.project);
      Note(FaultsOfReleases(log, releases, stream));
      Note(FaultsOfRuns(world, log, releases, stream, losses_));
      Note(FaultsOfFolders(world, stream.project));
    }
    Note(FaultsOfDeliveries(world, streams));
    Note(LostFrom(world, {"main"}, people_.OnMain()));
    Note(LostFrom(world, {"main"}, world_.Raced()));
    Note(LostFrom(world, {"main", "deploy-log"}, people_.Answered()));
    Note(FaultsOfMain(world));
    Note(FaultsOfAudit(world));
    std::printf("%lu kills, %zu facts, %zu commits of people on main, %zu yeses, %lu violations\n",
                kills_,
                log.size(),
                people_.OnMain().size() + world_.Raced().size(),
                people_.Answered().size(),
                violations_);
    std::fflush(stdout);
  }

  std::vector<std::filesystem::path> WatchedLinks() const {
    std::vector<std::filesystem::path> links;
    for (const std::string& project : world_.projects()) {
      links.push_back(world_.at().live("dev", project));
      links.push_back(world_.at().live("prod", project));
    }
    return links;
  }

  unsigned long seed_;
  unsigned long kills_ = 0;
  unsigned long violations_ = 0;
  bool may_fill_ = false;
  double pace_ = 1;
  CrashWorld world_{{"shop", "cart", "desk"}};
  People people_{world_, seed_};
  Losses losses_;
  Faults left_;  ///< what was on its way at the last look
};

TEST_F(Crash, given_people_at_work_when_all_fails_again_and_again_then_the_books_are_right) {
  const unsigned long rounds = FromEnvironment("FAILGATE_CRASH_ROUNDS", kRounds);
  TornWatch watch(WatchedLinks());
  Chance chance(seed_);
  for (unsigned long round = 0; round < rounds;) {
    people_.Begin();
    const unsigned long end = std::min(rounds, round + kRoundsBetweenBooks);
    for (; round < end; ++round) Live(DrawLife(chance, world_.projects()));
    people_.End();
    Settle();
    ASSERT_FALSE(HasFatalFailure());
    ReadTheBooks();
    world_.Kill();
  }
  const long looks = watch.looks();
  Note(watch.Finish());
  EXPECT_GT(looks, 0);
  std::printf("seed %lu, %lu rounds, %lu kills, %ld whole folders seen, %lu violations\n",
              seed_,
              rounds,
              kills_,
              looks,
              violations_);
}

}  // namespace
}  // namespace failgate
