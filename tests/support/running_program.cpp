#include "tests/support/running_program.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cctype>
#include <cstdlib>

#include "controller/base/durable_file.h"

namespace failgate {
namespace {

constexpr int kLooks = 1000;
constexpr int kPauseMilliseconds = 20;

}  // namespace

RunningProgram::RunningProgram(const std::vector<std::string>& argv,
                               const std::filesystem::path& cwd) {
  ProcessSpec spec;
  spec.argv = argv;
  spec.cwd = cwd;
  spec.env = {{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
              {"HOME", "/nonexistent"},
              {"LC_ALL", "C"},
              {"GIT_CONFIG_NOSYSTEM", "1"},
              {"GIT_CONFIG_GLOBAL", "/dev/null"}};
  spec.merge_stderr = true;
  spec.on_output = [this](std::string_view text) { state_.Lock()->output += text; };
  thread_ = std::jthread([this, spec](std::stop_token stop) {
    static_cast<void>(runner_.Run(spec, std::move(stop)));
    state_.Lock()->ended = true;
  });
}

RunningProgram::~RunningProgram() = default;

std::optional<int> RunningProgram::AwaitNumber(const std::string& words) {
  for (int look = 0; look < kLooks; ++look) {
    {
      auto state = state_.Lock();
      const std::size_t at = state->output.find(words);
      const std::size_t end = at == std::string::npos ? at
                                                      : state->output.find_first_not_of(
                                                            "0123456789", at + words.size());
      if (end != std::string::npos && end > at + words.size()) {
        return std::atoi(state->output.c_str() + at + words.size());
      }
      if (state->ended) {
        return std::nullopt;
      }
    }
    ::poll(nullptr, 0, kPauseMilliseconds);
  }
  return std::nullopt;
}

std::string RunningProgram::output() const {
  return state_.Lock()->output;
}

int RecentlyFreePort() {
  const FileDescriptor probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(probe.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return 0;
  }
  return ntohs(address.sin_port);
}

}  // namespace failgate
