// Children: argv, folder, environment and limits in; exit, output and what ended them out.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/clock.h"

namespace failgate {

class Spawner;

/// A running process that cannot be mistaken for a later one with the same number.
struct ProcessIdentity {
  pid_t pid = -1;
  /// Field 22 of /proc/PID/stat: clock ticks since boot when the process started.
  long long start_ticks = 0;
  bool operator==(const ProcessIdentity&) const = default;
};

/// Soft = hard limits that the child gets before its program starts; absent = inherited.
struct ResourceLimits {
  std::optional<long long> address_space_bytes;
  std::optional<long long> file_size_bytes;
  std::optional<long long> open_files;
  std::optional<long long> core_bytes;
};

/// Credentials of the child; supplementary groups are dropped. Needs a root controller.
struct ProcessUser {
  uid_t uid = 0;
  gid_t gid = 0;
};

struct ProcessSpec {
  /// argv[0] with a '/' is a path; a bare name is searched in the PATH of `env`, not of the
  /// controller.
  std::vector<std::string> argv;
  /// Working folder; empty = "/".
  std::filesystem::path cwd;
  /// The whole environment: nothing is inherited.
  std::vector<std::pair<std::string, std::string>> env;
  /// What standard input holds; absent = /dev/null.
  std::optional<std::string> stdin_text;
  /// (our descriptor, its number in the child, from 3 on). No other descriptor reaches the child.
  /// They stay the caller's.
  std::vector<std::pair<int, int>> pass_fds;
  /// From start to the first stop signal; zero = no deadline.
  Milliseconds timeout{0};
  /// Kept per stream (the first bytes); the rest is read and thrown away. on_output sees
  /// everything.
  std::size_t max_output_bytes = std::size_t{4} << 20U;
  /// Live sink for both streams, called in the thread of Run. What it throws ends the child, then
  /// Run.
  std::function<void(std::string_view)> on_output;
  /// One pipe for both streams, in the order written; stderr_text stays empty.
  bool merge_stderr = false;
  /// First signal to the process group at timeout or cancellation.
  int stop_signal = 15;
  /// What the child gets when the controller dies; 0 = it goes on without it.
  int parent_death_signal = 9;
  /// From the stop signal to SIGKILL.
  Milliseconds kill_grace{2000};
  /// Added to our own niceness.
  int nice = 0;
  std::optional<ProcessUser> user;
  /// No program it starts, set-uid ones included, gets more rights than it has
  /// (PR_SET_NO_NEW_PRIVS).
  bool no_new_privileges = false;
  ResourceLimits limits;
  /// Called in the thread of Run once the program was started, before any of its output is read. To
  /// hold the child back until then give it a pipe in pass_fds. What it throws ends the child, then
  /// Run.
  std::function<void(const ProcessIdentity&)> on_started;
  /// In place of stdin_text, for what is made while the program starts: called in the thread of Run
  /// after on_started. What it throws ends the child, then Run.
  std::function<std::string()> make_stdin;
  /// Called in the thread of Run once the child has its standard input (of make_stdin, as much as
  /// it takes at once), before any of its output is read. What it throws ends the child, then Run.
  std::function<void()> on_input;
  /// Called in the thread of Run about every tick_every while the child runs; true ends the child
  /// as a cancellation does (ProcessResult::stopped_by_tick). Absent or tick_every zero = never.
  std::function<bool()> on_tick;
  Milliseconds tick_every{0};
};

struct ProcessResult {
  /// Exit code, or -1 when a signal ended it.
  int exit_code = -1;
  /// 0 when it exited by itself.
  int signal = 0;
  bool timed_out = false;
  bool cancelled = false;
  bool stopped_by_tick = false;
  std::string stdout_text;
  std::string stderr_text;
  bool stdout_truncated = false;
  bool stderr_truncated = false;
  Milliseconds duration{0};

  /// Exit code 0 and neither timed out, cancelled nor stopped.
  [[nodiscard]] bool Succeeded() const;
};

/// For messages: "exit code 3", "killed by signal 9 (Killed)", "no end within 5m", "cancelled".
[[nodiscard]] std::string DescribeEnd(const ProcessResult& result, Milliseconds timeout);

/// A child whose program runs, and which nobody attends to yet. Destroyed before a Run took it, it
/// is killed with its process group.
class StartedChild {
 public:
  ~StartedChild();
  StartedChild(StartedChild&& other) noexcept;
  StartedChild& operator=(StartedChild&& other) noexcept;

 private:
  friend class ProcessRunner;
  struct Ends;
  explicit StartedChild(std::unique_ptr<Ends> ends);
  std::unique_ptr<Ends> ends_;
};

/// Starts children and waits for them. Each child leads its own session, is ended when the
/// controller dies (but see parent_death_signal), and takes the rest of its process group with it
/// when it ends. What it has started itself does not see the controller die: a sandbox is needed
/// for that. All children are started by one thread that lives as long as this object, because "die
/// with parent" fires when the thread that started them ends. Keep one for the whole program.
/// Thread-safe.
class ProcessRunner {
 public:
  ProcessRunner();
  /// All Run calls must have returned.
  ~ProcessRunner();
  ProcessRunner(const ProcessRunner&) = delete;
  ProcessRunner& operator=(const ProcessRunner&) = delete;

  /// Blocks until the child has ended. A program that is absent or may not be executed, a missing
  /// folder or refused credentials throw Error(kNeedsChange); no memory, descriptors or processes
  /// left throw Error(kRetry). A stop request ends the child: SIGTERM, kill_grace, SIGKILL.
  [[nodiscard]] ProcessResult Run(const ProcessSpec& spec, std::stop_token stop = {});

  /// Starts the child alone, for a later Run of the same spec; throws as Run does. Its output stays
  /// in a pipe until then, its standard input (not of make_stdin) is there at once.
  [[nodiscard]] StartedChild Start(const ProcessSpec& spec);
  /// Run of a child that was started before. What it said meanwhile is read; the deadline counts
  /// from now. A stop requested before kills it, and nothing of the spec is called.
  [[nodiscard]] ProcessResult Run(const ProcessSpec& spec,
                                  StartedChild started,
                                  std::stop_token stop = {});

 private:
  [[nodiscard]] ProcessResult Attend(const ProcessSpec& spec,
                                     StartedChild started,
                                     const std::stop_token& stop);

  std::unique_ptr<Spawner> spawner_;
};

/// The identity of a running process; nullopt when there is none (a zombie counts as none).
[[nodiscard]] std::optional<ProcessIdentity> IdentifyProcess(pid_t pid);

/// After a restart of the controller: SIGKILL to a child of its former life and to its process
/// group, but only when pid and start time match. True when a survivor was found and killed (it is
/// gone on return).
bool KillSurvivor(const ProcessIdentity& identity);

}  // namespace failgate
