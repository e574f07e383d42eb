#include "controller/process/child_start.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

// Sanitizers keep records in the memory that child and controller share: their instrumentation and
// their interceptors of libc functions must not run here, so bare syscall() is used. It also gives
// the credentials to this child alone, where libc's setresuid would change all threads of the
// controller.
#define FAILGATE_BARE                                                            \
  __attribute__((no_sanitize("address"))) __attribute__((no_sanitize("thread"))) \
  __attribute__((no_sanitize("undefined")))

namespace failgate {
namespace {

constexpr int kSignals = 64;
constexpr std::size_t kKernelSignalSetBytes = 8;

FAILGATE_BARE bool ResetSignals() {
  // Larger than the kernel's struct sigaction on any machine; all zero means SIG_DFL.
  unsigned long zero[8] = {};
  for (int number = 1; number <= kSignals; ++number) {
    if (number == SIGKILL || number == SIGSTOP) continue;
    syscall(SYS_rt_sigaction, number, zero, nullptr, kKernelSignalSetBytes);
  }
  return syscall(SYS_rt_sigprocmask, SIG_SETMASK, zero, nullptr, kKernelSignalSetBytes) == 0;
}

FAILGATE_BARE bool PlaceDescriptors(ChildStart* start) {
  // First out of the way of every target number, then to the targets, which are not close-on-exec.
  int moved[32];
  const ChildDescriptor* wanted = start->descriptors.data();
  for (std::size_t i = 0; i < start->descriptor_count; ++i) {
    moved[i] = static_cast<int>(
        syscall(SYS_fcntl, wanted[i].ours, F_DUPFD_CLOEXEC, start->first_free_descriptor));
    if (moved[i] < 0) return false;
  }
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) return false;
  for (std::size_t i = 0; i < start->descriptor_count; ++i) {
    if (syscall(SYS_dup3, moved[i], wanted[i].theirs, 0) < 0) return false;
  }
  return true;
}

FAILGATE_BARE bool SetLimits(ChildStart* start) {
  const ChildLimit* limits = start->limits.data();
  for (std::size_t i = 0; i < start->limit_count; ++i) {
    if (syscall(SYS_prlimit64, 0, limits[i].resource, &limits[i].bound, nullptr) != 0) return false;
  }
  if (start->nice == 0) return true;
  // The bare call answers 20 - niceness.
  const long now = 20 - syscall(SYS_getpriority, PRIO_PROCESS, 0);
  return syscall(SYS_setpriority, PRIO_PROCESS, 0, now + start->nice) == 0;
}

FAILGATE_BARE bool ChangeUser(ChildStart* start) {
  if (!start->change_user) return true;
  return syscall(SYS_setgroups, 0, nullptr) == 0 &&
         syscall(SYS_setresgid, start->gid, start->gid, start->gid) == 0 &&
         syscall(SYS_setresuid, start->uid, start->uid, start->uid) == 0;
}

FAILGATE_BARE bool TieToParent(ChildStart* start) {
  // After the change of user, which would clear it. A parent that died before is seen by its pid.
  if (syscall(SYS_prctl, PR_SET_PDEATHSIG, start->parent_death_signal, 0, 0, 0) != 0) return false;
  if (syscall(SYS_getppid) != start->parent) {
    errno = ESRCH;
    return false;
  }
  return !start->no_new_privileges || syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

FAILGATE_BARE bool Exec(ChildStart* start) {
  syscall(SYS_execve, start->program, start->argv, start->envp);
  return false;
}

struct Step {
  ChildStage stage;
  bool (*act)(ChildStart*);
};

FAILGATE_BARE bool MakeSession(ChildStart*) {
  return ResetSignals() && syscall(SYS_setsid) >= 0;
}
FAILGATE_BARE bool EnterFolder(ChildStart* start) {
  return syscall(SYS_chdir, start->cwd) == 0;
}

}  // namespace

FAILGATE_BARE int RunChildStart(void* argument) {
  auto* start = static_cast<ChildStart*>(argument);
  const Step steps[] = {{ChildStage::kSession, &MakeSession},
                        {ChildStage::kDescriptors, &PlaceDescriptors},
                        {ChildStage::kLimits, &SetLimits},
                        {ChildStage::kUser, &ChangeUser},
                        {ChildStage::kParent, &TieToParent},
                        {ChildStage::kFolder, &EnterFolder},
                        {ChildStage::kExec, &Exec}};
  for (const Step& step : steps) {
    start->stage = step.stage;
    if (!step.act(start)) {
      start->error = errno == 0 ? EINVAL : errno;
      break;
    }
  }
  syscall(SYS_exit_group, 127);
  return 127;
}

}  // namespace failgate
