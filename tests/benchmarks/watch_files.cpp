// A watcher over a real folder, measured from inside: how long a large file takes and what memory
// it needs; how soon a new file among many is an event; what watching costs while nothing happens.
//   failgate_watch_files large FOLDER FILE     renames FILE into a watched folder below FOLDER
//   failgate_watch_files many FOLDER COUNT IDLE_SECONDS
// One JSON object on standard output.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/watch/watcher.h"

namespace {

using failgate::TemporaryFolder;
using Seconds = std::chrono::duration<double>;

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

/// KiB, as the kernel counts them.
long long MemoryLine(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(key, 0) == 0) return std::atoll(line.c_str() + key.size() + 1);
  }
  return 0;
}

class World {
 public:
  explicit World(const std::filesystem::path& folder)
      : folder_(folder), in_(folder_.path() / "in"), database_(folder_.path() / "failgate.db") {
    failgate::CreateFolders(in_);
    failgate::WatchSettings settings;
    settings.name = "bench";
    settings.path = in_;
    settings.completion = failgate::Completion::kRename;
    settings.projects = {failgate::ProjectName("bench")};
    watcher_ = std::make_unique<failgate::Watcher>(
        std::vector<failgate::WatchSettings>{settings}, store_, data_, failgate::SystemClock());
    watcher_->OnNews([this](const std::string&) {
      const std::lock_guard lock(mutex_);
      ++news_;
      changed_.notify_all();
    });
  }
  [[nodiscard]] const std::filesystem::path& in() const { return in_; }
  failgate::Watcher& watcher() { return *watcher_; }
  [[nodiscard]] std::size_t Files() const { return watcher_->Status().front().files; }
  long long News() {
    const std::lock_guard lock(mutex_);
    return news_;
  }
  void AwaitNews(long long more_than) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return news_ > more_than; });
  }
  std::string Version() { return store_.Newest("bench")->version; }

 private:
  TemporaryFolder folder_;
  std::filesystem::path in_;
  failgate::Database database_;
  failgate::WatchStore store_{database_};
  failgate::WatchedBytes data_{folder_.path() / "kept"};
  std::mutex mutex_;
  std::condition_variable changed_;
  long long news_ = 0;
  std::unique_ptr<failgate::Watcher> watcher_;
};

int Large(const std::filesystem::path& folder, const std::filesystem::path& file) {
  World world(folder);
  world.watcher().Start();
  const long long before = MemoryLine("VmRSS:");
  const auto start = std::chrono::steady_clock::now();
  std::filesystem::rename(file, world.in() / "large");
  world.AwaitNews(0);
  const Seconds taken = std::chrono::steady_clock::now() - start;
  const long long growth = MemoryLine("VmHWM:") - before;
  fmt::print("{{\"seconds\": {:.3f}, \"memory_growth_kib\": {}, \"version\": \"{}\"}}\n",
             taken.count(),
             growth,
             world.Version());
  world.watcher().Stop();
  std::filesystem::rename(world.in() / "large", file);
  return 0;
}

void Put(const std::filesystem::path& folder, const std::string& name) {
  std::ofstream(folder / ("." + name)) << name;
  std::filesystem::rename(folder / ("." + name), folder / name);
}

int Many(const std::filesystem::path& folder, int count, int idle_seconds) {
  constexpr int kProbes = 20;
  World world(folder);
  for (int i = 0; i < count; ++i) Put(world.in(), fmt::format("file-{}", i));
  world.watcher().Start();
  while (world.Files() < static_cast<std::size_t>(count)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  std::string latencies;
  for (int i = 0; i < kProbes; ++i) {
    const long long before = world.News();
    const auto start = std::chrono::steady_clock::now();
    Put(world.in(), fmt::format("probe-{}", i));
    world.AwaitNews(before);
    const Seconds taken = std::chrono::steady_clock::now() - start;
    latencies += fmt::format("{}{:.4f}", i == 0 ? "" : ", ", taken.count());
  }
  const double cpu = CpuSeconds();
  std::this_thread::sleep_for(std::chrono::seconds(idle_seconds));
  fmt::print("{{\"latencies\": [{}], \"idle_seconds\": {}, \"idle_cpu_seconds\": {:.4f}}}\n",
             latencies,
             idle_seconds,
             CpuSeconds() - cpu);
  world.watcher().Stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 3 && words[0] == "large") return Large(words[1], words[2]);
  if (words.size() == 4 && words[0] == "many") {
    return Many(words[1], std::atoi(words[2].c_str()), std::atoi(words[3].c_str()));
  }
  std::fputs("usage: failgate_watch_files large FOLDER FILE | many FOLDER COUNT IDLE_SECONDS\n",
             stderr);
  return 2;
}
