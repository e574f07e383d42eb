#include "controller/process/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/process/process_input.h"
#include "controller/process/process_output.h"
#include "controller/process/process_stat.h"
#include "controller/process/running_child.h"
#include "controller/process/spawner.h"

namespace failgate {
namespace {

// A process that left the group may write for ever: what is read after the end is bounded.
constexpr int kMaxReadsAfterEnd = 64;

FileDescriptor OpenStandardInput(const std::optional<std::string>& text) {
  if (!text) {
    FileDescriptor null(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!null.valid()) throw ErrnoError("open", "/dev/null", errno);
    return null;
  }
  // A file in memory: nobody has to feed it, and no reader that stops early can hurt us.
  FileDescriptor memory(memfd_create("standard-input", MFD_CLOEXEC));
  if (!memory.valid()) throw ErrnoError("make", "a file in memory", errno);
  WriteAll(memory.get(), *text, "standard input of a child");
  if (lseek(memory.get(), 0, SEEK_SET) != 0) throw ErrnoError("rewind", "standard input", errno);
  return memory;
}

FileDescriptor MakeEvent() {
  FileDescriptor event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event.valid()) throw ErrnoError("make", "an event descriptor", errno);
  return event;
}

/// The wait of one Run: output, deadline, ticks and stop requests until the child has ended.
class Supervision {
 public:
  Supervision(const ProcessSpec& spec, RunningChild& child, int stop_event, InputWriter& input)
      : spec_(spec),
        child_(child),
        stop_event_(stop_event),
        input_(input),
        out_(spec.max_output_bytes, spec.on_output),
        err_(spec.max_output_bytes, spec.on_output),
        started_(SystemClock().Steady()),
        next_tick_(started_ + spec.tick_every) {}

  ProcessResult WatchUntilEnd(FileDescriptor& out_pipe, FileDescriptor& err_pipe) {
    bool ended = false;
    while (!ended) {
      std::array<pollfd, 5> watched = {pollfd{out_pipe.get(), POLLIN, 0},
                                       pollfd{err_pipe.get(), POLLIN, 0},
                                       pollfd{child_.pidfd(), POLLIN, 0},
                                       pollfd{stopping_ ? -1 : stop_event_, POLLIN, 0},
                                       pollfd{input_.descriptor(), POLLOUT, 0}};
      if (poll(watched.data(), watched.size(), PollMilliseconds()) < 0 && errno != EINTR) {
        throw ErrnoError("wait for", "a child", errno);
      }
      if (watched[0].revents != 0) out_.ReadSome(out_pipe);
      if (watched[1].revents != 0) err_.ReadSome(err_pipe);
      ended = watched[2].revents != 0;
      if (ended) break;
      if (watched[3].revents != 0) {
        result_.cancelled = true;
        BeginStop();
      }
      if (watched[4].revents != 0) input_.WriteSome();
      CheckTimes();
    }
    Finish(out_pipe, err_pipe);
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool HasDeadline() const { return spec_.timeout.count() > 0; }
  [[nodiscard]] bool HasTicks() const { return spec_.on_tick && spec_.tick_every.count() > 0; }

  [[nodiscard]] int PollMilliseconds() const {
    const SteadyTime now = SystemClock().Steady();
    SteadyTime next = now + std::chrono::hours(1);
    if (stopping_ && !killed_) next = std::min(next, kill_at_);
    if (!stopping_ && HasDeadline()) next = std::min(next, started_ + spec_.timeout);
    if (!stopping_ && HasTicks()) next = std::min(next, next_tick_);
    const auto left = std::chrono::ceil<Milliseconds>(next - now).count();
    return static_cast<int>(std::clamp<long long>(left, 0, 3'600'000));
  }

  void CheckTimes() {
    const SteadyTime now = SystemClock().Steady();
    if (stopping_) {
      if (!killed_ && now >= kill_at_) {
        child_.SignalGroup(SIGKILL);
        killed_ = true;
      }
      return;
    }
    if (HasDeadline() && now >= started_ + spec_.timeout) {
      result_.timed_out = true;
      BeginStop();
      return;
    }
    if (HasTicks() && now >= next_tick_) {
      if (spec_.on_tick()) {
        result_.stopped_by_tick = true;
        BeginStop();
      }
      next_tick_ = SystemClock().Steady() + spec_.tick_every;
    }
  }

  void BeginStop() {
    if (stopping_) return;
    stopping_ = true;
    kill_at_ = SystemClock().Steady() + spec_.kill_grace;
    child_.SignalGroup(spec_.stop_signal);
    // A stopped group would never see the signal.
    child_.SignalGroup(SIGCONT);
  }

  void Finish(FileDescriptor& out_pipe, FileDescriptor& err_pipe) {
    child_.SignalGroup(SIGKILL);
    const siginfo_t end = child_.Reap();
    result_.duration = std::chrono::duration_cast<Milliseconds>(SystemClock().Steady() - started_);
    if (end.si_code == CLD_EXITED) {
      result_.exit_code = end.si_status;
    } else {
      result_.signal = end.si_status;
    }
    for (int reads = 0; reads < kMaxReadsAfterEnd && out_.ReadSome(out_pipe); ++reads) {
    }
    for (int reads = 0; reads < kMaxReadsAfterEnd && err_.ReadSome(err_pipe); ++reads) {
    }
    result_.stdout_text = out_.TakeText();
    result_.stderr_text = err_.TakeText();
    result_.stdout_truncated = out_.truncated();
    result_.stderr_truncated = err_.truncated();
  }

  const ProcessSpec& spec_;
  RunningChild& child_;
  int stop_event_;
  InputWriter& input_;
  OutputReader out_;
  OutputReader err_;
  SteadyTime started_;
  SteadyTime next_tick_;
  SteadyTime kill_at_ = {};
  bool stopping_ = false;
  bool killed_ = false;
  ProcessResult result_;
};

DescriptorMap MapDescriptors(const ProcessSpec& spec, int input, int output, int error_output) {
  DescriptorMap descriptors = {{input, 0}, {output, 1}, {error_output, 2}};
  for (const auto& [ours, theirs] : spec.pass_fds) {
    Check(theirs >= 3, "passed descriptors do not replace the standard ones");
    descriptors.emplace_back(ours, theirs);
  }
  return descriptors;
}

ProcessResult Cancelled() {
  ProcessResult result;
  result.cancelled = true;
  return result;
}

}  // namespace

bool ProcessResult::Succeeded() const {
  return exit_code == 0 && signal == 0 && !timed_out && !cancelled && !stopped_by_tick;
}

std::string DescribeEnd(const ProcessResult& result, Milliseconds timeout) {
  if (result.timed_out) return fmt::format("no end within {}", FormatDuration(timeout));
  if (result.cancelled) return "cancelled";
  if (result.stopped_by_tick) return "stopped";
  if (result.signal != 0) {
    const char* name = sigdescr_np(result.signal);
    return fmt::format(
        "killed by signal {} ({})", result.signal, name == nullptr ? "unknown" : name);
  }
  return fmt::format("exit code {}", result.exit_code);
}

struct StartedChild::Ends {
  FileDescriptor stop_event = MakeEvent();
  OutputPipe output;
  OutputPipe error_output;
  InputSocket input;
  std::optional<RunningChild> child;  // killed before its pipes close
};

StartedChild::StartedChild(std::unique_ptr<Ends> ends) : ends_(std::move(ends)) {}
StartedChild::StartedChild(StartedChild&& other) noexcept = default;
StartedChild& StartedChild::operator=(StartedChild&& other) noexcept = default;
StartedChild::~StartedChild() = default;

ProcessRunner::ProcessRunner() : spawner_(std::make_unique<Spawner>()) {}
ProcessRunner::~ProcessRunner() = default;

StartedChild ProcessRunner::Start(const ProcessSpec& spec) {
  auto ends = std::make_unique<StartedChild::Ends>();
  ends->output = MakeOutputPipe();
  if (!spec.merge_stderr) ends->error_output = MakeOutputPipe();
  if (spec.make_stdin) ends->input = MakeInputSocket();
  const FileDescriptor input =
      spec.make_stdin ? std::move(ends->input.theirs) : OpenStandardInput(spec.stdin_text);
  const OutputPipe& errors = spec.merge_stderr ? ends->output : ends->error_output;
  ends->child.emplace(spawner_->Spawn(
      spec, MapDescriptors(spec, input.get(), ends->output.theirs.get(), errors.theirs.get())));
  ends->output.theirs.Close();
  ends->error_output.theirs.Close();
  return StartedChild(std::move(ends));
}

ProcessResult ProcessRunner::Run(const ProcessSpec& spec, std::stop_token stop) {
  return stop.stop_requested() ? Cancelled() : Attend(spec, Start(spec), stop);
}

ProcessResult ProcessRunner::Run(const ProcessSpec& spec,
                                 StartedChild started,
                                 std::stop_token stop) {
  return stop.stop_requested() ? Cancelled() : Attend(spec, std::move(started), stop);
}

ProcessResult ProcessRunner::Attend(const ProcessSpec& spec,
                                    StartedChild started,
                                    const std::stop_token& stop) {
  StartedChild::Ends& ends = *started.ends_;
  RunningChild& child = *ends.child;
  const int stop_event = ends.stop_event.get();
  const std::stop_callback on_stop(stop, [stop_event] { eventfd_write(stop_event, 1); });
  if (spec.on_started) {
    // Not IdentifyProcess: a child that has ended already still has its start time.
    const std::optional<ProcessStat> status = ReadProcessStat(child.pid());
    Check(status.has_value(), "a child that is not reaped is in /proc");
    spec.on_started(ProcessIdentity{child.pid(), status->start_ticks});
  }
  InputWriter writer;
  if (spec.make_stdin) {
    writer = InputWriter(std::move(ends.input.ours), spec.make_stdin());
    writer.WriteSome();
  }
  if (spec.on_input) spec.on_input();
  return Supervision(spec, child, stop_event, writer)
      .WatchUntilEnd(ends.output.ours, ends.error_output.ours);
}

}  // namespace failgate
