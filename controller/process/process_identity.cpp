#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/process/process.h"
#include "controller/process/process_stat.h"

namespace failgate {
namespace {

constexpr int kGoneWithinMilliseconds = 10'000;

}  // namespace

std::optional<ProcessStat> ReadProcessStat(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid), std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The program's name stands in parentheses and may hold anything, parentheses included.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= text.size()) return std::nullopt;
  const std::vector<std::string> fields = Split(text.substr(name_end + 2), ' ');
  constexpr std::size_t kState = 0;
  constexpr std::size_t kGroup = 2;
  constexpr std::size_t kStart = 19;
  if (fields.size() <= kStart || fields[kState].size() != 1) return std::nullopt;
  const std::optional<long long> group = ParseNonNegative(fields[kGroup]);
  const std::optional<long long> start = ParseNonNegative(fields[kStart]);
  if (!group || !start) return std::nullopt;
  const char state = fields[kState].front();
  return ProcessStat{state == 'Z' || state == 'X', static_cast<pid_t>(*group), *start};
}

std::optional<ProcessIdentity> IdentifyProcess(pid_t pid) {
  const std::optional<ProcessStat> status = ReadProcessStat(pid);
  if (!status || status->ended) return std::nullopt;
  return ProcessIdentity{pid, status->start_ticks};
}

bool KillSurvivor(const ProcessIdentity& identity) {
  if (identity.pid <= 1 || identity.pid == getpid()) return false;
  const FileDescriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, identity.pid, 0U)));
  if (!pidfd.valid()) {
    if (errno == ESRCH || errno == EINVAL) return false;
    throw ErrnoError("find", fmt::format("process {}", identity.pid), errno);
  }
  // The descriptor is bound to one process; only now is its start time a proof of who it is.
  const std::optional<ProcessStat> status = ReadProcessStat(identity.pid);
  if (!status || status->ended || status->start_ticks != identity.start_ticks) return false;
  // Its group number is its own while it lives, so its group goes first.
  if (status->group == identity.pid && kill(-identity.pid, SIGKILL) != 0 && errno != ESRCH) {
    throw ErrnoError("kill", fmt::format("process group {}", identity.pid), errno);
  }
  if (syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0U) != 0 && errno != ESRCH) {
    throw ErrnoError("kill", fmt::format("process {}", identity.pid), errno);
  }
  pollfd gone{pidfd.get(), POLLIN, 0};
  if (poll(&gone, 1, kGoneWithinMilliseconds) <= 0) {
    throw Error(Remedy::kRetry, fmt::format("process {} does not end", identity.pid));
  }
  return true;
}

}  // namespace failgate
