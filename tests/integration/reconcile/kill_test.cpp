// A controller that is killed again and again while it deploys: a reader never sees anything but a
// whole release, and the deployment ends where it would have ended.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "controller/reconcile/reconciler.h"
#include "controller/targets/beneath.h"
#include "tests/integration/targets/deploy_world.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWorldVariable = "FAILGATE_TEST_WORLD";
constexpr const char* kAttemptVariable = "FAILGATE_TEST_ATTEMPT";
constexpr std::size_t kBytes = 200'000;

SharedOrder MakeOrder(DeployWorld& world, long attempt) {
  const auto release = [&world](long number) {
    return world.Release(fmt::format("churn-{}", number),
                         std::string(kBytes, static_cast<char>('a' + number % 20)));
  };
  Order order;
  order.environment = EnvironmentName("prod");
  order.project = ProjectName("churn");
  order.attempt = attempt;
  order.wanted = release(attempt);
  if (attempt > 1) order.previous = release(attempt - 1);
  return std::make_shared<const Order>(std::move(order));
}

/// One life of a controller, in a process of its own: works until killed or done.
TEST(ReconcileChild, DISABLED_Works) {
  const char* folder = std::getenv(kWorldVariable);
  const char* attempt = std::getenv(kAttemptVariable);
  ASSERT_TRUE(folder != nullptr && attempt != nullptr);
  DeployWorld world{fs::path(folder)};
  NoRunner runner;
  VersionedDirectory target = world.Target(runner);
  Database database(fs::path(folder) / "state.db");
  DeploymentStore store(database);
  Reconciler reconciler(target, store, {}, SystemClock());
  reconciler.SetOrders({MakeOrder(world, std::atol(attempt))});
  reconciler.StepForTest();
  const auto results = reconciler.Results();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].end, ReconcileEnd::kDeployed) << results[0].detail;
}

class Child {
 public:
  Child(const fs::path& world, long attempt) {
    std::vector<std::string> env = {fmt::format("{}={}", kWorldVariable, world.string()),
                                    fmt::format("{}={}", kAttemptVariable, attempt)};
    std::vector<std::string> argv = {"child",
                                     "--gtest_also_run_disabled_tests",
                                     "--gtest_filter=ReconcileChild.DISABLED_Works",
                                     "--gtest_brief=1"};
    const auto pointers = [](std::vector<std::string>& words) {
      std::vector<char*> all;
      for (std::string& word : words) all.push_back(word.data());
      all.push_back(nullptr);
      return all;
    };
    EXPECT_EQ(
        posix_spawn(
            &pid_, "/proc/self/exe", nullptr, nullptr, pointers(argv).data(), pointers(env).data()),
        0);
  }
  void KillAfter(Milliseconds time) {
    // A deadline of the test's own story: the moment of the kill is what varies.
    std::this_thread::sleep_for(time);
    kill(pid_, SIGKILL);
    Wait();
  }
  int Wait() {
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    return status;
  }

 private:
  pid_t pid_ = -1;
};

/// Reads through the link all the time; a release is whole when all its files are of one letter.
class Reader {
 public:
  explicit Reader(fs::path path)
      : path_(std::move(path)), thread_([this](const std::stop_token& stop) {
          while (!stop.stop_requested()) Look();
        }) {}
  void Stop() {
    thread_.request_stop();
    thread_.join();
  }
  [[nodiscard]] int looks() const { return looks_; }
  [[nodiscard]] int torn() const { return torn_; }

 private:
  void Look() {
    const FileDescriptor folder(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) {
      ++torn_;
      return;
    }
    const auto model = ReadFileIfPresent(PathThrough(folder.get(), "model.bin"));
    const auto tree = ReadFileIfPresent(PathThrough(folder.get(), "tree/a/one"));
    const bool whole = model && tree && *model == *tree && model->size() == kBytes &&
                       *model == std::string(kBytes, model->front());
    if (!whole) ++torn_;
    ++looks_;
  }
  fs::path path_;
  std::atomic<int> looks_{0};
  std::atomic<int> torn_{0};
  std::jthread thread_;
};

TEST(Reconciler, EndsWhereItWouldHaveEndedHoweverOftenItIsKilled) {
  TemporaryFolder folder;
  DeployWorld world(folder.path() / "world");
  ASSERT_EQ(Child(world.folder(), 1).Wait(), 0);
  Reader reader(world.path());
  for (long attempt = 2; attempt <= 4; ++attempt) {
    for (int kill = 0; kill < 8; ++kill) {
      const auto random = static_cast<unsigned char>(RandomBytes(1)[0]);
      Child(world.folder(), attempt).KillAfter(Milliseconds(30 + random));
    }
    EXPECT_EQ(Child(world.folder(), attempt).Wait(), 0);
    EXPECT_EQ(fs::read_symlink(world.path()).filename().string().substr(0, 8),
              fmt::format("churn-{}-", attempt));
  }
  reader.Stop();
  EXPECT_GT(reader.looks(), 0);
  EXPECT_EQ(reader.torn(), 0);
  for (const auto& entry : fs::directory_iterator(world.pair())) {
    EXPECT_NE(entry.path().filename().string().front(), '.') << entry.path();
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(world.path().parent_path()), {}), 1);
}

}  // namespace
}  // namespace failgate
