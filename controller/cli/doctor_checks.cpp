// The machine: programs, clock, sandbox.
#include "controller/cli/doctor_checks.h"

#include <fmt/format.h>
#include <sys/timex.h>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/runners/local_runner.h"

namespace failgate {
namespace {

constexpr Milliseconds kTimeout{10'000};

struct Needed {
  const char* name;
  std::vector<std::string> argv;
  const char* package;
  /// ssh-keygen has no way to tell its version: that it starts must do.
  bool tells_version = true;
};

DoctorCheck CheckProgram(ProcessRunner& processes, const Needed& needed) {
  ProcessSpec spec;
  spec.argv = needed.argv;
  spec.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}};
  spec.timeout = kTimeout;
  spec.merge_stderr = true;
  try {
    const ProcessResult result = processes.Run(spec);
    if (!needed.tells_version) {
      return {needed.name, CheckState::kOk, "is there", ""};
    }
    const std::string first = Split(result.stdout_text, '\n').front();
    if (result.Succeeded()) {
      return {needed.name, CheckState::kOk, OneLine(Trim(first), 100), ""};
    }
    return {needed.name, CheckState::kFail, DescribeEnd(result, kTimeout), "install it anew"};
  } catch (const Error& error) {
    return {needed.name,
            CheckState::kFail,
            error.what(),
            fmt::format("apt-get install {}", needed.package)};
  }
}

}  // namespace

std::string Word(CheckState state) {
  switch (state) {
    case CheckState::kOk:
      return "ok";
    case CheckState::kWarn:
      return "warn";
    case CheckState::kFail:
      return "fail";
  }
  return "";
}

std::vector<DoctorCheck> CheckPrograms(ProcessRunner& processes) {
  std::vector<DoctorCheck> checks;
  for (const Needed& needed : {Needed{"git", {"git", "--version"}, "git"},
                               Needed{"ssh", {"ssh", "-V"}, "openssh-client"},
                               Needed{"ssh-keygen", {"ssh-keygen", "-?"}, "openssh-client", false},
                               Needed{"bwrap", {"bwrap", "--version"}, "bubblewrap"}}) {
    checks.push_back(CheckProgram(processes, needed));
  }
  return checks;
}

DoctorCheck CheckClock(const Clock& clock) {
  const std::string now = FormatTime(clock.Now());
  // Older than this program: nobody has set it.
  if (now < "2025") {
    return {"clock", CheckState::kFail, now + " cannot be", "set the clock: facts carry its time"};
  }
  struct timex state = {};
  const bool kept = adjtimex(&state) != TIME_ERROR;
  return kept ? DoctorCheck{"clock", CheckState::kOk, now, ""}
              : DoctorCheck{"clock",
                            CheckState::kWarn,
                            now + ", kept by nobody as far as the kernel knows",
                            "run systemd-timesyncd or chrony"};
}

DoctorCheck CheckSandbox(ProcessRunner& processes, const std::filesystem::path& data_dir) {
  LocalRunner::Options options;
  if (!data_dir.empty() && std::filesystem::is_directory(data_dir)) {
    options.workspace_parent = data_dir;
  }
  try {
    const ProbeResult probe = LocalRunner(processes, options).Probe();
    return {"sandbox",
            probe.works ? CheckState::kOk : CheckState::kFail,
            OneLine(probe.text),
            probe.remedy};
  } catch (const Error& error) {
    return {"sandbox", CheckState::kFail, error.what(), "see docs/cli.md, doctor"};
  }
}

}  // namespace failgate
