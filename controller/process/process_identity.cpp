#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/process/process.h"
#include "controller/process/process_stat.h"

namespace failgate {
namespace {

constexpr int kGoneWithinMilliseconds = 10'000;

}  // namespace

std::string ReadProcFile(const std::string& path) {
  constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> piece;
  while (file.valid() && text.size() < kMaxBytes) {
    const ssize_t got = read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return "";
    if (got == 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::optional<ProcessStat> ReadProcessStat(pid_t pid) {
  const std::string text = ReadProcFile(fmt::format("/proc/{}/stat", pid));
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
