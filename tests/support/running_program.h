// A program that runs beside a test, such as a server to talk to.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "controller/base/guarded.h"
#include "controller/process/process.h"

namespace failgate {

/// Ends with this object.
class RunningProgram {
 public:
  /// Both output streams are read as one.
  RunningProgram(const std::vector<std::string>& argv, const std::filesystem::path& cwd);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  /// The number that follows `words` in what it said; nullopt when it ended, or said no such thing
  /// within 20 s.
  [[nodiscard]] std::optional<int> AwaitNumber(const std::string& words);
  [[nodiscard]] std::string output() const;

 private:
  struct State {
    std::string output;
    bool ended = false;
  };
  ProcessRunner runner_;
  Guarded<State> state_;
  std::jthread thread_;
};

/// A TCP port of 127.0.0.1 that was free a moment ago, for programs that cannot choose one.
[[nodiscard]] int RecentlyFreePort();

}  // namespace failgate
