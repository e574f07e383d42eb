#include "controller/runners/step_gate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "controller/base/error.h"

namespace failgate {
namespace {

// dash knows `ulimit -p`, bash `ulimit -u`. Whoever runs out of memory is to be the step, not the
// controller, hence oom_score_adj. The script gets neither descriptor of the talk. Process 1 is
// bwrap and 2 this guard: more than two numbers in /proc are leftovers (without sandbox there
// always are some, and the controller counts them itself).
constexpr const char* kGuard = R"(read -r word <&4 && [ "$word" = go ] || exit 125
ulimit -u "$1" 2>/dev/null || ulimit -p "$1" || exit 125
shift
{ echo 500 >/proc/self/oom_score_adj; } 2>/dev/null
echo started >&6
"$@" 4<&- 6>&-
code=$?
set -- /proc/[0-9]*
if [ $# -gt 2 ]; then echo left >&6; read -r word <&4; fi
exit $code)";

constexpr std::size_t kMaxHeardBytes = 64;

}  // namespace

StepGate::StepGate() {
  std::array<int, 2> words = {-1, -1};
  // A socket: writing to a guard that died must not raise SIGPIPE.
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, words.data()) != 0) {
    throw ErrnoError("make", "the gate of a step", errno);
  }
  words_ = FileDescriptor(words[0]);
  child_words_ = FileDescriptor(words[1]);
  std::array<int, 2> status = {-1, -1};
  if (pipe2(status.data(), O_CLOEXEC) != 0) throw ErrnoError("make", "the gate of a step", errno);
  status_ = FileDescriptor(status[0]);
  child_status_ = FileDescriptor(status[1]);
  if (fcntl(status_.get(), F_SETFL, O_NONBLOCK) != 0) {
    throw ErrnoError("set up", "the gate of a step", errno);
  }
}

std::vector<std::pair<int, int>> StepGate::ChildDescriptors(bool sandboxed) const {
  std::vector<std::pair<int, int>> descriptors = {{child_words_.get(), kWordDescriptor},
                                                  {child_status_.get(), kStatusDescriptor}};
  if (sandboxed) descriptors.emplace_back(child_words_.get(), kBlockDescriptor);
  return descriptors;
}

std::vector<std::string> StepGate::Command(const std::string& shell,
                                           const std::string& script,
                                           long long task_limit) {
  return {"/bin/sh",
          "-c",
          kGuard,
          "step",
          fmt::format("{}", task_limit),
          "/bin/" + shell,
          "-e",
          "-c",
          script};
}

void StepGate::CloseChildEnds() {
  child_words_.Close();
  child_status_.Close();
}

void StepGate::LetRun(bool sandboxed) {
  Say(sandboxed ? "1go\n" : "go\n");
}
void StepGate::LetEnd() {
  Say("end\n");
}

void StepGate::Listen() {
  std::array<char, 64> piece;
  while (heard_.size() < kMaxHeardBytes) {
    const ssize_t got = read(status_.get(), piece.data(), piece.size());
    if (got <= 0) return;
    heard_.append(piece.data(), static_cast<std::size_t>(got));
  }
}

void StepGate::Say(std::string_view words) {
  // A guard that is gone is seen by its end; there is nothing more to tell it.
  (void)send(words_.get(), words.data(), words.size(), MSG_NOSIGNAL);
}

}  // namespace failgate
