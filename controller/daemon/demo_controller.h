// The demo's controller: `failgate serve` as a child that is kept running by a thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/base/guarded.h"
#include "controller/daemon/demo_shell.h"
#include "controller/process/process.h"

namespace failgate {

class DemoController {
 public:
  /// Starts it. What it prints is kept in `log`, too.
  DemoController(ProcessRunner& processes,
                 const DemoShell& shell,
                 const std::filesystem::path& config,
                 std::filesystem::path log);
  /// Ends as End does.
  ~DemoController() = default;
  DemoController(const DemoController&) = delete;
  DemoController& operator=(const DemoController&) = delete;

  /// Returns once it says where it listens. Throws Error when it ends before, or says nothing in
  /// time.
  void AwaitListening(const std::stop_token& stop);
  /// "http://127.0.0.1:PORT"; empty before AwaitListening has returned.
  [[nodiscard]] const std::string& url() const { return url_; }
  /// Asks the child to end and waits for it. Empty when it ended as it should, else how it ended.
  [[nodiscard]] std::string End();
  [[nodiscard]] bool Ended() const;
  [[nodiscard]] std::vector<std::string> LastLines() const;

 private:
  struct State {
    std::string unfinished_line;
    std::deque<std::string> lines;  ///< the last ones
    std::string address;            ///< of "listening on ADDRESS"
    std::string end;                ///< how the child ended; empty while it runs
    bool orderly = false;           ///< by itself or asked to, with exit code 0
  };
  void Hear(std::string_view bytes);

  std::filesystem::path log_;
  FileDescriptor log_file_;
  Guarded<State> state_;
  std::condition_variable_any heard_;
  std::string url_;
  std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace failgate
