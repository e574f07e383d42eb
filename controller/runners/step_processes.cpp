#include "controller/runners/step_processes.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/process/process_stat.h"

namespace failgate {
namespace {

constexpr int kInfoMilliseconds = 10'000;
constexpr int kEndMilliseconds = 10'000;
constexpr int kGuardsInSandbox = 2;  // bwrap's process 1 and the guarding shell
constexpr int kMaxKillRounds = 200;

bool WaitReadable(int fd, int milliseconds) {
  pollfd watched{fd, POLLIN, 0};
  return poll(&watched, 1, milliseconds) > 0;
}

FileDescriptor OpenProcess(pid_t pid) {
  return FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0U)));
}

std::string ReadProc(pid_t pid, std::string_view name) {
  return ReadProcFile(fmt::format("/proc/{}/{}", pid, name));
}

std::string PidNamespaceOf(const std::string& process) {
  std::error_code error;
  return std::filesystem::read_symlink(process + "/ns/pid", error).string();
}

/// Whether the /proc that `init` has at its root shows the namespace that it is process 1 of. Until
/// bwrap has changed its root that is the host's, and all processes of the machine are there.
bool SeesItself(const std::string& init) {
  const std::string own = PidNamespaceOf(init);
  return !own.empty() && own != PidNamespaceOf("/proc/self") &&
         own == PidNamespaceOf(init + "/root/proc/1");
}

bool RunsAs(pid_t pid, uid_t uid) {
  const std::string status = ReadProc(pid, "status");
  return status.find(fmt::format("\nUid:\t{}\t", uid)) != std::string::npos;
}

/// The number after "child-pid", once it is there to its last digit.
std::optional<pid_t> ChildPid(const std::string& info) {
  const std::size_t key = info.find("\"child-pid\"");
  if (key == std::string::npos) return std::nullopt;
  const std::size_t from = info.find_first_of("0123456789", key);
  if (from == std::string::npos) return std::nullopt;
  const std::size_t end = info.find_first_not_of("0123456789", from);
  if (end == std::string::npos) return std::nullopt;
  const std::optional<long long> pid = ParseNonNegative(info.substr(from, end - from));
  return pid ? std::optional<pid_t>(static_cast<pid_t>(*pid)) : std::nullopt;
}

}  // namespace

void SandboxProcesses::Find() {
  std::string text;
  std::array<char, 512> piece;
  while (!ChildPid(text) && WaitReadable(info_.get(), kInfoMilliseconds)) {
    const ssize_t got = read(info_.get(), piece.data(), piece.size());
    if (got <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  // The pipe stays open: bwrap writes more, and a closed one would end it by SIGPIPE.
  const std::optional<pid_t> pid = ChildPid(text);
  if (!pid) return;  // bwrap failed: its own end and text say why
  init_pid_ = *pid;
  init_ = OpenProcess(*pid);
}

ProcessUsage SandboxProcesses::Measure() {
  const std::string init = fmt::format("/proc/{}", init_pid_);
  if (!init_.valid() || !SeesItself(init)) return {};
  // The /proc that the sandbox itself sees: only its own processes, however many the host has.
  ProcessUsage usage = MeasureProcesses(init + "/root/proc");
  // Once it has ended its number may be another's.
  if (WaitReadable(init_.get(), 0)) return {};
  usage.processes = std::max(0, usage.processes - kGuardsInSandbox);
  return usage;
}

void SandboxProcesses::EndAll() {
  if (!init_.valid()) return;
  // bwrap's own end kills process 1; this only makes sure.
  (void)syscall(SYS_pidfd_send_signal, init_.get(), SIGKILL, nullptr, 0U);
  if (!WaitReadable(init_.get(), kEndMilliseconds)) {
    throw Error(Remedy::kRetry, "the processes of a step do not end");
  }
}

bool PlainProcesses::Belongs(pid_t pid) const {
  if (user_) return RunsAs(pid, user_->uid);
  return pid != getpid() && ReadProc(pid, "environ").find(mark_) != std::string::npos;
}

ProcessUsage PlainProcesses::Measure() {
  ProcessUsage usage = MeasureProcesses("/proc", [this](pid_t pid) { return Belongs(pid); });
  usage.processes = std::max(0, usage.processes - 1);  // the guarding shell
  return usage;
}

void PlainProcesses::KillThem() {
  if (user_) {
    // One signal to all of a user cannot be outrun by forking.
    ProcessSpec spec;
    spec.argv = {"/bin/sh", "-c", "kill -KILL -1"};
    spec.user = user_;
    spec.timeout = Milliseconds(kEndMilliseconds);
    (void)processes_.Run(spec);
    return;
  }
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::optional<long long> number = ParseNonNegative(entry.path().filename().string());
    if (!number) continue;
    const auto pid = static_cast<pid_t>(*number);
    const FileDescriptor process = OpenProcess(pid);
    if (!process.valid() || !Belongs(pid)) continue;
    (void)syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0U);
    (void)WaitReadable(process.get(), kEndMilliseconds);
  }
}

void PlainProcesses::EndAll() {
  const auto any = [this] {
    return MeasureProcesses("/proc", [this](pid_t pid) { return Belongs(pid); }).processes > 0;
  };
  for (int round = 0; round < kMaxKillRounds; ++round) {
    if (!any()) return;
    KillThem();
  }
  if (any()) throw Error(Remedy::kRetry, "the processes of a step do not end");
}

long long CountOwnTasks() {
  return MeasureProcesses("/proc", [](pid_t pid) { return RunsAs(pid, getuid()); }).tasks;
}

}  // namespace failgate
