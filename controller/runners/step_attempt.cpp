#include "controller/runners/step_attempt.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "controller/process/process_output.h"
#include "controller/runners/sandbox.h"

namespace failgate {
namespace {

constexpr const char* kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr const char* kMarkName = "FAILGATE_STEP_MARK";
constexpr int kInfoDescriptor = 5;
constexpr int kArgumentsDescriptor = 7;
constexpr int kFirstFileDescriptor = 8;
constexpr long long kTemporaryBytes = 1LL << 30;
constexpr int kOpenFiles = 4096;
// Above what the watch allows, so that the watch sees the limit passed and can say so.
constexpr long long kTaskMargin = 16;
constexpr int kNice = 5;
constexpr int kKilledBySignalBase = 128;

FileDescriptor MemoryFile(const std::string& bytes) {
  FileDescriptor file(memfd_create("step", MFD_CLOEXEC));
  if (!file.valid()) throw ErrnoError("make", "a file in memory", errno);
  WriteAll(file.get(), bytes, "a file in memory");
  if (lseek(file.get(), 0, SEEK_SET) != 0) throw ErrnoError("rewind", "a file in memory", errno);
  return file;
}

std::string NulSeparated(const std::vector<std::string>& words) {
  std::string bytes;
  for (const std::string& word : words) {
    if (word.find('\0') != std::string::npos) {
      throw Error(Remedy::kNeedsChange, "run a step: its settings hold a NUL byte");
    }
    bytes += word;
    bytes += '\0';
  }
  return bytes;
}

/// /etc/passwd and the like with one line more, for programs that look their user up.
std::string WithLine(const char* path, const std::string& line) {
  std::string text = ReadFileIfPresent(path).value_or("");
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text + line;
}

}  // namespace

StepAttempt::StepAttempt(ProcessRunner& processes, const StepCommand& command, bool sandbox)
    : runner_(processes),
      command_(command),
      sandbox_(sandbox),
      user_(StepUser::Take()),
      log_(command.log_file, command.max_log_bytes) {
  if (!user_) return;
  GiveTree(command_.workspace, user_->user());
  if (command_.kept) GiveTree(command_.kept->host, user_->user());
}

StepAttempt::~StepAttempt() = default;

std::vector<std::pair<std::string, std::string>> StepAttempt::Environment(
    const std::string& home) const {
  std::vector<std::pair<std::string, std::string>> env = {{"PATH", kPath},
                                                          {"LANG", "C.UTF-8"},
                                                          {"HOME", home},
                                                          {"TMPDIR", sandbox_ ? "/tmp" : home},
                                                          {"USER", "step"},
                                                          {"LOGNAME", "step"}};
  for (const auto& [name, value] : command_.env) {
    const auto same = std::find_if(env.begin(), env.end(), [&wanted = name](const auto& entry) {
      return entry.first == wanted;
    });
    if (same == env.end()) {
      env.emplace_back(name, value);
    } else {
      same->second = value;
    }
  }
  return env;
}

ProcessSpec StepAttempt::BaseSpec() {
  ProcessSpec spec;
  spec.timeout = command_.timeout;
  spec.merge_stderr = true;
  spec.max_output_bytes = 0;
  spec.on_output = [this](std::string_view bytes) { log_.Append(bytes); };
  spec.nice = kNice;
  spec.no_new_privileges = true;
  if (user_) spec.user = user_->user();
  spec.limits.address_space_bytes = command_.limits.memory_bytes;
  spec.limits.file_size_bytes = command_.limits.disk_bytes;
  spec.limits.open_files = kOpenFiles;
  spec.limits.core_bytes = 0;
  spec.pass_fds = gate_.ChildDescriptors(sandbox_);
  spec.on_started = [this](const ProcessIdentity& identity) { Started(identity); };
  spec.tick_every = StepWatch::kTick;
  spec.on_tick = [this] { return watch_->Tick(); };
  return spec;
}

void StepAttempt::PrepareSandboxed(ProcessSpec& spec) {
  SandboxSpec sandbox;
  sandbox.workspace = command_.workspace;
  sandbox.network = command_.network;
  sandbox.read_only = command_.read_only;
  sandbox.kept = command_.kept;
  sandbox.block_descriptor = StepGate::kBlockDescriptor;
  sandbox.info_descriptor = kInfoDescriptor;
  sandbox.env = Environment(kSandboxHome);
  if (command_.limits.memory_bytes) {
    sandbox.temporary_bytes = std::min(kTemporaryBytes, *command_.limits.memory_bytes / 2);
  }
  int next = kFirstFileDescriptor;
  const auto hand_over = [&](FileDescriptor file, int number) {
    spec.pass_fds.emplace_back(file.get(), number);
    handed_over_.push_back(std::move(file));
  };
  const auto add_file = [&](const std::string& bytes, const std::string& inside) {
    hand_over(MemoryFile(bytes), next);
    sandbox.files.push_back({next++, inside});
  };
  if (!command_.network) add_file("127.0.0.1 localhost step\n::1 localhost\n", "/etc/hosts");
  if (user_) {
    const uid_t uid = user_->user().uid;
    add_file(WithLine("/etc/passwd",
                      fmt::format("step:x:{0}:{0}:step:{1}:/bin/sh\n", uid, kSandboxHome)),
             "/etc/passwd");
    add_file(WithLine("/etc/group", fmt::format("step:x:{}:\n", uid)), "/etc/group");
  }
  OutputPipe info = MakeOutputPipe();
  hand_over(std::move(info.theirs), kInfoDescriptor);
  hand_over(MemoryFile(NulSeparated(SandboxArguments(ReadHostLayout(), sandbox))),
            kArgumentsDescriptor);
  processes_ = std::make_unique<SandboxProcesses>(std::move(info.ours));
  spec.argv = {"bwrap", "--args", fmt::format("{}", kArgumentsDescriptor), "--"};
  for (std::string& word : StepGate::Command(
           command_.shell, command_.script, command_.limits.processes + kTaskMargin)) {
    spec.argv.push_back(std::move(word));
  }
  spec.env = {{"PATH", kPath}};
  // bwrap has nothing to say goodbye to: its end ends all of the sandbox at once.
  spec.kill_grace = Milliseconds(1000);
}

void StepAttempt::PreparePlain(ProcessSpec& spec) {
  home_ = std::make_unique<TemporaryFolder>();
  if (user_) GiveTree(home_->path(), user_->user());
  spec.cwd = command_.workspace;
  spec.env = Environment(home_->path().string());
  const std::string mark = HexEncode(RandomBytes(16));
  spec.env.emplace_back(kMarkName, mark);
  std::optional<ProcessUser> user;
  if (user_) user = user_->user();
  processes_ =
      std::make_unique<PlainProcesses>(runner_, user, fmt::format("{}={}", kMarkName, mark));
  // Of a controller that was killed: nobody else uses this user while we hold it.
  if (user_) processes_->EndAll();
  // The limit counts by user: what ours runs already is not the step's.
  const long long others = user_ ? 0 : CountOwnTasks();
  spec.argv = StepGate::Command(
      command_.shell, command_.script, command_.limits.processes + kTaskMargin + others);
}

void StepAttempt::Started(const ProcessIdentity& identity) {
  gate_.CloseChildEnds();
  handed_over_.clear();
  processes_->Find();
  if (command_.on_started) command_.on_started(identity);
  gate_.LetRun(sandbox_);
}

StepOutcome StepAttempt::Run(std::stop_token stop) {
  ProcessSpec spec = BaseSpec();
  if (sandbox_) {
    PrepareSandboxed(spec);
  } else {
    PreparePlain(spec);
  }
  watch_ = std::make_unique<StepWatch>(command_, gate_, *processes_, SystemClock());
  const auto clean_up = [this] {
    processes_->EndAll();
    if (!user_) return;
    TakeBackFolder(command_.workspace);
    if (command_.kept) TakeBackFolder(command_.kept->host);
  };
  ProcessResult result;
  try {
    result = runner_.Run(spec, std::move(stop));
  } catch (...) {
    clean_up();
    throw;
  }
  clean_up();
  gate_.Listen();
  watch_->LookAtDiskOnceMore();
  log_.Finish();
  StepOutcome outcome = Judge(result);
  outcome.duration = result.duration;
  outcome.log_bytes = log_.bytes();
  outcome.log_truncated = log_.truncated();
  outcome.limits_note = LimitsNote();
  return outcome;
}

StepOutcome StepAttempt::Judge(const ProcessResult& result) const {
  StepOutcome outcome;
  outcome.exit_code = result.exit_code;
  outcome.signal = result.signal;
  outcome.reason = DescribeEnd(result, command_.timeout);
  if (result.cancelled) {
    outcome.status = StepStatus::kCancelled;
  } else if (result.timed_out) {
    outcome.status = StepStatus::kTimedOut;
  } else if (!watch_->limit().empty()) {
    outcome.status = StepStatus::kLimit;
    outcome.limit = watch_->limit();
    outcome.reason = fmt::format("{} limit: {}", watch_->limit(), watch_->reason());
  } else if (!gate_.started()) {
    outcome.status = StepStatus::kSandboxRefused;
    outcome.reason = fmt::format("the {} could not be set up: {}",
                                 sandbox_ ? "sandbox" : "step",
                                 log_.last_line().empty() ? outcome.reason : log_.last_line());
  } else if (result.Succeeded()) {
    outcome.status = StepStatus::kPassed;
    outcome.reason.clear();
  } else if (command_.limits.disk_bytes && result.exit_code == kKilledBySignalBase + SIGXFSZ) {
    outcome.status = StepStatus::kLimit;
    outcome.limit = "disk";
    outcome.reason =
        fmt::format("disk limit: a file larger than {}", FormatSize(*command_.limits.disk_bytes));
  } else if (result.exit_code > kKilledBySignalBase) {
    outcome.reason = fmt::format("{} (that is: killed by signal {})",
                                 outcome.reason,
                                 result.exit_code - kKilledBySignalBase);
  }
  return outcome;
}

std::string StepAttempt::LimitsNote() const {
  std::vector<std::string> notes;
  if (command_.limits.memory_bytes) {
    notes.push_back(fmt::format("memory by RLIMIT_AS {} a process and a watch over all",
                                FormatSize(*command_.limits.memory_bytes)));
  }
  notes.push_back(
      fmt::format("{} processes by RLIMIT_NPROC and a watch", command_.limits.processes));
  if (command_.limits.disk_bytes) {
    notes.push_back(fmt::format("disk by RLIMIT_FSIZE {} a file and a watch over the workspace",
                                FormatSize(*command_.limits.disk_bytes)));
  }
  notes.push_back(fmt::format("cpu by niceness {}", kNice));
  return Join(notes, ", ");
}

}  // namespace failgate
