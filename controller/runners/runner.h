// Running one step of a pipeline away from the controller: the interface and its words.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/clock.h"
#include "controller/process/process.h"

namespace failgate {

/// What a step may use. The outermost bound comes from the server file.
struct StepLimits {
  std::optional<long long> memory_bytes;
  std::optional<long long> disk_bytes;  ///< of the workspace
  double cpu = 0;                       ///< processors; 0 = no bound
  int processes = 1024;                 ///< processes and threads at one time
};

/// A file or folder of the host that the step may read.
struct ReadOnlyBind {
  std::filesystem::path host;
  std::filesystem::path
      inside;  ///< absolute, outside the folders every sandbox has, e.g. /run/champion
};

/// A folder of the host that the step may write to and that outlives it; made by the caller, of
/// this step alone while it runs (its files change owner).
struct WritableBind {
  std::filesystem::path host;
  std::filesystem::path inside;  ///< as that of a ReadOnlyBind
};

struct StepCommand {
  /// Text for the shell, run as `SHELL -e -c SCRIPT` in the workspace. At most kMaxScriptBytes.
  std::string script;
  std::string shell = "sh";  ///< sh | bash
  /// A folder of this step alone, made by the caller as real copies (its files change owner).
  std::filesystem::path workspace;
  /// Joins and overrides PATH, LANG, HOME, TMPDIR, USER, LOGNAME; the step has nothing else.
  std::vector<std::pair<std::string, std::string>> env;
  Milliseconds timeout{0};  ///< zero = no deadline
  StepLimits limits;
  bool network = false;
  std::vector<ReadOnlyBind> read_only;
  std::optional<WritableBind> kept = {};  ///< counts as part of the workspace for limits.disk_bytes
  /// Written while the step runs: redacted, escaped, whole lines.
  std::filesystem::path log_file;
  std::size_t max_log_bytes = std::size_t{16} << 20U;
  /// Called before the script may run, in the thread of Run. What it throws ends the step, then
  /// Run.
  std::function<void(const ProcessIdentity&)> on_started;
};

inline constexpr std::size_t kMaxScriptBytes = std::size_t{120} << 10U;

enum class StepStatus { kPassed, kFailed, kTimedOut, kCancelled, kSandboxRefused, kLimit };
/// "passed", "failed", "timed-out", "cancelled", "sandbox-refused", "limit".
[[nodiscard]] std::string_view StepStatusName(StepStatus status);

/// Only kPassed is a pass.
struct StepOutcome {
  StepStatus status = StepStatus::kFailed;
  int exit_code = -1;
  int signal = 0;
  std::string limit;   ///< for kLimit: "memory", "disk", "processes"
  std::string reason;  ///< one line for people; empty when passed
  Milliseconds duration{0};
  long long log_bytes = 0;
  bool log_truncated = false;
  std::string limits_note;  ///< how the limits were kept, "memory by RLIMIT_AS 4 GiB a process, …"
};

/// Whether steps can run here at all.
struct ProbeResult {
  bool works = false;
  std::string text;      ///< what was tried and what it answered
  std::string remedy;    ///< what to do; empty when it works
  bool no_room = false;  ///< nothing but room on the disk is missing: it is worth another try
};

/// Thread-safe; Run blocks and may be called by many threads at once.
class StepRunner {
 public:
  virtual ~StepRunner() = default;
  /// Tries the real thing, with the flags used later.
  [[nodiscard]] virtual ProbeResult Probe() = 0;
  /// Nothing of the step runs any more when it returns. Throws Error only when the step could not
  /// be run for reasons of the controller's own (its disk, its descriptors, on_started).
  [[nodiscard]] virtual StepOutcome Run(const StepCommand& command, std::stop_token stop) = 0;
  /// After a restart: ends a step of the former life; true when there was one.
  virtual bool KillSurvivor(const ProcessIdentity& identity) = 0;
  /// Where the step sees its workspace, and a bind: for values of its environment.
  [[nodiscard]] virtual std::filesystem::path InsideWorkspace(
      const std::filesystem::path& workspace) const = 0;
  [[nodiscard]] virtual std::filesystem::path InsideBind(const ReadOnlyBind& bind) const = 0;
};

}  // namespace failgate
