// Measures how cost grows with projects, environments and facts; started by scale.py.
#include "tests/benchmarks/scale.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "controller/base/allocator.h"
#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate::scale {
namespace {

/// A line of /proc/self/status in KiB, as MiB.
double StatusMiB(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.compare(0, key.size(), key) == 0) {
      return std::strtod(line.c_str() + key.size(), nullptr) / 1024;
    }
  }
  return 0;
}

}  // namespace

void Tell(const char* name, double value) {
  fmt::print("{} {:.3f}\n", name, value);
  std::fflush(stdout);
}

double Time(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

double MedianTime(int rounds, const std::function<void()>& work) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    times.push_back(Time(work));
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

double ProcessorTime() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC * 1000;
}

double ChildrenProcessorTime() {
  rusage usage{};
  Check(getrusage(RUSAGE_CHILDREN, &usage) == 0, "the children's use of processors");
  const auto milliseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1000 + static_cast<double>(time.tv_usec) / 1000;
  };
  return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
}

double ResidentMiB() {
  return StatusMiB("VmRSS:");
}

double PeakResidentMiB() {
  return StatusMiB("VmHWM:");
}

double FolderMiB(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    bytes += entry.is_regular_file() ? entry.file_size() : 0;
  }
  return static_cast<double>(bytes) / (1024.0 * 1024.0);
}

namespace {

int Run(const std::vector<std::string>& arguments) {
  const auto number = [&arguments](std::size_t place) {
    return arguments.size() > place ? ParseNonNegative(arguments[place])
                                    : std::optional<long long>(1);
  };
  const auto count = number(2);
  const auto projects = number(3);
  if (arguments.size() < 2 || !count || *count < 1 || !projects || *projects < 1) {
    std::fputs("usage: failgate_scale prepare|pairs|facts FOLDER [COUNT [PROJECTS]]\n", stderr);
    return 2;
  }
  const std::filesystem::path folder(arguments[1]);
  if (arguments[0] == "prepare") {
    PreparePairs(folder, static_cast<long>(*count));
  } else if (arguments[0] == "pairs") {
    MeasurePairs(folder);
  } else {
    MeasureFacts(folder, static_cast<long>(*count), static_cast<long>(*projects));
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace failgate::scale

int main(int argc, char** argv) {
  try {
    failgate::GiveBackFreedPages();  // as the controller does
    return failgate::scale::Run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
}
