#include "tests/functional/serve/server_process.h"

#include <signal.h>

#include <chrono>
#include <exception>
#include <fstream>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kListening = "listening on ";
constexpr std::chrono::minutes kPatience{2};

std::optional<std::string> AddressIn(const std::string& output) {
  for (const std::string& line : Split(output, '\n')) {
    if (line.rfind(kListening, 0) == 0 && line.size() > kListening.size()) {
      return line.substr(kListening.size());
    }
  }
  return std::nullopt;
}

}  // namespace

ServerProcess::ServerProcess(ProcessRunner& processes,
                             const std::filesystem::path& config,
                             const Environment& environment,
                             std::filesystem::path log)
    : log_(std::move(log)) {
  ProcessSpec spec;
  spec.argv = {FAILGATE_PROGRAM, "serve", "--config", config.string()};
  spec.cwd = config.parent_path();
  spec.env = environment;
  spec.merge_stderr = true;
  spec.max_output_bytes = 0;
  spec.kill_grace = std::chrono::seconds(60);
  spec.on_started = [this](const ProcessIdentity& identity) {
    state_.Lock()->identity = identity;
    heard_.notify_all();
  };
  spec.on_output = [this](std::string_view bytes) {
    std::ofstream(log_, std::ios::app) << bytes;
    state_.Lock()->output += bytes;
    heard_.notify_all();
  };
  thread_ = std::jthread([this, &processes, spec](const std::stop_token& stop) {
    int code = -1;
    try {
      code = processes.Run(spec, stop).exit_code;
    } catch (const std::exception& error) {
      state_.Lock()->output += error.what();
    }
    state_.Lock()->exit_code = code;
    heard_.notify_all();
  });
}

ServerProcess::~ServerProcess() {
  Kill();
}

std::optional<std::string> ServerProcess::AwaitListening() {
  std::optional<std::string> address;
  auto state = state_.Lock();
  heard_.wait_for(state.lock(), kPatience, [&] {
    address = AddressIn(state->output);
    return address || state->exit_code;
  });
  return address ? std::optional<std::string>("http://" + *address) : std::nullopt;
}

int ServerProcess::Stop() {
  thread_.request_stop();
  return AwaitEnd();
}

void ServerProcess::Kill() {
  Send(SIGKILL);
  AwaitEnd();
}

int ServerProcess::AwaitEnd() {
  if (thread_.joinable()) thread_.join();
  return state_.Lock()->exit_code.value_or(-1);
}

void ServerProcess::Send(int signal) {
  auto state = state_.Lock();
  heard_.wait_for(
      state.lock(), kPatience, [&] { return state->identity.pid > 0 || state->exit_code; });
  if (!state->exit_code && state->identity.pid > 0) ::kill(state->identity.pid, signal);
}

}  // namespace failgate
