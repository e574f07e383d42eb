#include "controller/runners/local_runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/runners/sandbox.h"
#include "controller/runners/step_attempt.h"

namespace failgate {
namespace {

constexpr Milliseconds kProbeTimeout{20'000};

bool IsNoRoom(const std::string& text) {
  return text.find("disk limit") != std::string::npos ||
         text.find("No space left") != std::string::npos;
}

std::string ProbeRemedy(bool sandbox, const std::string& text) {
  if (IsNoRoom(text)) {
    return "make room where the workspaces lie (data_dir): it is tried again for every run";
  }
  if (!sandbox) return "see the text; steps run as children of the controller";
  if (text.find("no such program") != std::string::npos) {
    return "install it: apt-get install bubblewrap";
  }
  if (text.find("source path") != std::string::npos && geteuid() == 0) {
    return "steps run as a user of their own: every folder above the workspaces must let others "
           "through (chmod o+x)";
  }
  return "bubblewrap needs unprivileged user namespaces: allow them (on Debian: sysctl "
         "kernel.unprivileged_userns_clone=1; in a container: a runner of another kind), or write "
         "`sandbox: none` in the server file if every source is trusted";
}

std::string RefusalOf(const StepCommand& command) {
  if (command.shell != "sh" && command.shell != "bash") {
    return fmt::format("shell '{}' is not available: use sh or bash", OneLine(command.shell));
  }
  if (command.script.size() > kMaxScriptBytes) {
    return fmt::format("its script is longer than {}: put it into a file of the repository",
                       FormatSize(static_cast<long long>(kMaxScriptBytes)));
  }
  if (command.script.find('\0') != std::string::npos) return "its script holds a NUL byte";
  return "";
}

}  // namespace

std::string_view StepStatusName(StepStatus status) {
  switch (status) {
    case StepStatus::kPassed:
      return "passed";
    case StepStatus::kFailed:
      return "failed";
    case StepStatus::kTimedOut:
      return "timed-out";
    case StepStatus::kCancelled:
      return "cancelled";
    case StepStatus::kSandboxRefused:
      return "sandbox-refused";
    case StepStatus::kLimit:
      return "limit";
  }
  return "failed";
}

LocalRunner::LocalRunner(ProcessRunner& processes, Options options)
    : processes_(processes), options_(std::move(options)) {}

ProbeResult LocalRunner::Probe() {
  const char* what = options_.sandbox ? "a step in a bubblewrap sandbox" : "a step without sandbox";
  std::string text;
  try {
    const TemporaryFolder workspace(options_.workspace_parent);
    const TemporaryFolder logs;
    StepCommand command;
    command.script = "true";
    command.workspace = workspace.path();
    command.timeout = kProbeTimeout;
    command.limits.memory_bytes = 4LL << 30;
    command.limits.disk_bytes = 1LL << 30;
    command.log_file = logs.path() / "log";
    const StepOutcome outcome = Run(command, {});
    if (outcome.status == StepStatus::kPassed) return {true, fmt::format("{} runs", what), ""};
    text = outcome.reason;
  } catch (const Error& error) {
    text = error.what();
  }
  return {false,
          fmt::format("{} does not run: {}", what, text),
          ProbeRemedy(options_.sandbox, text),
          IsNoRoom(text)};
}

StepOutcome LocalRunner::Run(const StepCommand& command, std::stop_token stop) {
  StepOutcome outcome;
  outcome.reason = RefusalOf(command);
  if (!outcome.reason.empty()) return outcome;
  if (stop.stop_requested()) {
    outcome.status = StepStatus::kCancelled;
    outcome.reason = "cancelled";
    return outcome;
  }
  return StepAttempt(processes_, command, options_.sandbox).Run(std::move(stop));
}

bool LocalRunner::KillSurvivor(const ProcessIdentity& identity) {
  return failgate::KillSurvivor(identity);
}

std::filesystem::path LocalRunner::InsideWorkspace(const std::filesystem::path& workspace) const {
  return options_.sandbox ? std::filesystem::path(kSandboxWorkspace) : workspace;
}

std::filesystem::path LocalRunner::InsideBind(const ReadOnlyBind& bind) const {
  return options_.sandbox ? bind.inside : bind.host;
}

}  // namespace failgate
