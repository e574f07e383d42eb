#include "controller/daemon/demo_controller.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kKeptLines = 15;
constexpr std::size_t kMaxLine = 4000;
constexpr std::string_view kListening = "listening on ";
constexpr std::chrono::seconds kStartTimeout{60};
constexpr Milliseconds kEndTimeout{15'000};

}  // namespace

DemoController::DemoController(ProcessRunner& processes,
                               const DemoShell& shell,
                               const std::filesystem::path& config,
                               std::filesystem::path log)
    : log_(std::move(log)),
      log_file_(::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  if (!log_file_.valid()) throw ErrnoError("opening", log_.string(), errno);
  ProcessSpec spec;
  spec.argv = {shell.program().string(), "serve", "--config", config.string()};
  spec.cwd = config.parent_path();
  spec.env = shell.Environment();
  spec.merge_stderr = true;
  spec.max_output_bytes = 0;
  spec.kill_grace = kEndTimeout;
  spec.on_output = [this](std::string_view bytes) { Hear(bytes); };
  thread_ = std::jthread([this, &processes, spec](const std::stop_token& stop) {
    std::string end;
    bool orderly = false;
    try {
      ProcessResult result = processes.Run(spec, stop);
      orderly = result.exit_code == 0 && result.signal == 0;
      result.cancelled = false;
      end = DescribeEnd(result, spec.timeout);
    } catch (const std::exception& error) {
      // The thread's end is told to whoever waits.
      end = error.what();
    }
    {
      auto state = state_.Lock();
      state->end = end;
      state->orderly = orderly;
    }
    heard_.notify_all();
  });
}

void DemoController::AwaitListening(const std::stop_token& stop) {
  auto state = state_.Lock();
  heard_.wait_for(state.lock(), stop, kStartTimeout, [&state] {
    return !state->address.empty() || !state->end.empty();
  });
  if (state->address.empty()) {
    throw Error(Remedy::kNeedsChange,
                state->end.empty() ? std::string("the controller says nothing")
                                   : "the controller did not start: " + state->end);
  }
  url_ = "http://" + state->address;
}

std::string DemoController::End() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  auto state = state_.Lock();
  return state->orderly ? std::string() : state->end;
}

bool DemoController::Ended() const {
  return !state_.Lock()->end.empty();
}

std::vector<std::string> DemoController::LastLines() const {
  auto state = state_.Lock();
  return {state->lines.begin(), state->lines.end()};
}

void DemoController::Hear(std::string_view bytes) {
  WriteAll(log_file_.get(), bytes, log_.string());
  auto state = state_.Lock();
  for (const char character : bytes) {
    if (character != '\n') {
      if (state->unfinished_line.size() < kMaxLine) state->unfinished_line += character;
      continue;
    }
    const std::string line = std::exchange(state->unfinished_line, {});
    if (state->address.empty() && line.rfind(kListening, 0) == 0) {
      state->address = std::string(Trim(std::string_view(line).substr(kListening.size())));
    }
    state->lines.push_back(line);
    if (state->lines.size() > kKeptLines) state->lines.pop_front();
  }
  heard_.notify_all();
}

}  // namespace failgate
