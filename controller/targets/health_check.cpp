#include "controller/targets/health_check.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/http/http_client.h"
#include "controller/runners/step_log.h"

namespace failgate {
namespace {

constexpr Milliseconds kConnectTimeout{5'000};
constexpr Milliseconds kPollSlice{100};
constexpr std::size_t kMaxHttpAnswerBytes = std::size_t{4} << 20U;
constexpr std::size_t kMaxLogBytes = std::size_t{1} << 20U;
constexpr mode_t kPassable = 0711;

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

std::pair<std::string, std::string> HostAndPort(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return {address, ""};
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return {host, address.substr(colon + 1)};
}

/// Empty when connected, else why not.
std::string Connect(const addrinfo& to, SteadyTime deadline, const std::stop_token& stop) {
  const FileDescriptor socket_fd(
      socket(to.ai_family, to.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to.ai_protocol));
  if (!socket_fd.valid()) return std::strerror(errno);
  if (connect(socket_fd.get(), to.ai_addr, to.ai_addrlen) == 0) return "";
  if (errno != EINPROGRESS) return std::strerror(errno);
  while (!stop.stop_requested()) {
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - SystemClock().Steady());
    if (left <= Milliseconds(0)) return "no answer in time";
    pollfd waiting{socket_fd.get(), POLLOUT, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::min(left, kPollSlice).count()));
    if (ready < 0 && errno != EINTR) return std::strerror(errno);
    if (ready <= 0) continue;
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(socket_fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    return error == 0 ? "" : std::strerror(error);
  }
  return "stopped";
}

}  // namespace

HealthAnswer TryHttp(const std::string& url, Milliseconds within) {
  ClientRequest request;
  request.url = url;
  request.connect_timeout = std::min(kConnectTimeout, within);
  request.timeout = within;
  request.max_response_bytes = kMaxHttpAnswerBytes;
  try {
    const ClientResponse response = Fetch(request);
    const bool good = response.status >= 200 && response.status < 300;
    return {good, fmt::format("http: answered {}", response.status)};
  } catch (const Error& error) {
    // What a check finds is its answer; no failure of ours.
    return {false, fmt::format("http: {}", error.what())};
  }
}

HealthAnswer TryTcp(const std::string& address, Milliseconds within, const std::stop_token& stop) {
  const SteadyTime deadline = SystemClock().Steady() + within;
  const auto [host, port] = HostAndPort(address);
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed = getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
  if (failed != 0) {
    return {false, fmt::format("tcp: {}: {}", OneLine(address, 100), gai_strerror(failed))};
  }
  const Addresses addresses(list);
  std::string why = "no address";
  for (const addrinfo* to = addresses.get(); to != nullptr; to = to->ai_next) {
    why = Connect(*to, deadline, stop);
    if (why.empty()) return {true, fmt::format("tcp: {} accepts", OneLine(address, 100))};
  }
  return {false, fmt::format("tcp: {}: {}", OneLine(address, 100), why)};
}

HealthAnswer TryCommand(StepRunner& runner,
                        const std::filesystem::path& workspaces,
                        const HealthCommand& command,
                        Milliseconds within,
                        const std::stop_token& stop) {
  CreateFolders(workspaces, kPassable);
  const TemporaryFolder place(workspaces);
  if (chmod(place.path().c_str(), kPassable) != 0) {
    throw ErrnoError("setting the mode of", place.path().string(), errno);
  }
  const ReadOnlyBind bind{command.deployed, "/run/failgate/deployed"};
  StepCommand step;
  step.script = command.script;
  step.workspace = place.path() / "work";
  CreateFolders(step.workspace);
  step.log_file = place.path() / "log";
  step.env = command.env;
  step.env.emplace_back("FAILGATE_PATH", runner.InsideBind(bind).string());
  step.timeout = within;
  step.limits = command.limits;
  step.network = true;
  step.read_only = {bind};
  step.max_log_bytes = kMaxLogBytes;
  const StepOutcome outcome = runner.Run(step, stop);
  if (outcome.status == StepStatus::kPassed) return {true, "command: passed"};
  const std::string last = LastLogLine(step.log_file);
  return {false,
          last.empty() ? fmt::format("command: {}", outcome.reason)
                       : fmt::format("command: {}: {}", outcome.reason, last)};
}

}  // namespace failgate
