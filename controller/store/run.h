// A run of a pipeline and its steps, as stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"

namespace failgate {

enum class RunState { kQueued, kRunning, kSucceeded, kFailed, kCancelled, kSuperseded, kRefused };
enum class RunTrigger { kCode, kData, kSchedule, kManual, kCheck };
/// kOwed is written in the same commit as the success: the release cannot be forgotten.
enum class ReleaseState { kNone, kOwed, kDone, kIgnored };
enum class StepState { kPending, kRunning, kPassed, kFailed, kSkipped, kCancelled };

[[nodiscard]] std::string_view Word(RunState state);
[[nodiscard]] std::string_view Word(RunTrigger trigger);
[[nodiscard]] std::string_view Word(ReleaseState state);
[[nodiscard]] std::string_view Word(StepState state);
[[nodiscard]] std::optional<RunState> ParseRunState(std::string_view word);
[[nodiscard]] std::optional<RunTrigger> ParseRunTrigger(std::string_view word);
[[nodiscard]] std::optional<ReleaseState> ParseReleaseState(std::string_view word);
[[nodiscard]] std::optional<StepState> ParseStepState(std::string_view word);
/// Neither queued nor running.
[[nodiscard]] bool IsFinished(RunState state);

struct NewStep {
  std::string name;
  std::string level;  ///< unit | build | integration | train | functional
};

/// Everything known when a run is created.
struct NewRun {
  ProjectName project;
  SourceName source;
  std::string ref;
  CommitId revision;
  CommitId base_revision;  ///< what it was compared with; empty = first head
  std::string data_version;
  RunTrigger trigger = RunTrigger::kCode;
  std::string training;  ///< "degraded" | "full" | ""
  std::vector<std::string> deliveries;
  std::string requested_by;  ///< FormatPerson, or empty
  std::string again_nonce;   ///< not empty: run the same key once more (`run --again`)
  std::string reason;        ///< why it runs, one line
  std::string plan_json;
  std::vector<NewStep> steps;  ///< in planned order
};

struct Run {
  RunId id;
  ProjectName project;
  SourceName source;
  std::string ref;
  CommitId revision;
  CommitId base_revision;
  std::string data_version;
  RunTrigger trigger = RunTrigger::kCode;
  std::string training;
  RunState state = RunState::kQueued;
  std::string reason;
  TimePoint created;
  std::optional<TimePoint> started;
  std::optional<TimePoint> finished;
  std::vector<std::string> deliveries;
  std::string requested_by;
  bool again = false;
  bool cancel_requested = false;
  std::string plan_json;
  std::string evidence_json;
  ReleaseName release;
  ReleaseState release_state = ReleaseState::kNone;
  RunId superseded_by;
};

struct Step {
  RunId run;
  std::string name;
  std::string level;
  int position = 0;  ///< from 0, in planned order
  StepState state = StepState::kPending;
  int attempt = 0;         ///< from 1; 0 = never begun
  long pid = 0;            ///< of the running attempt
  std::string start_time;  ///< the kernel's start time of pid, to know it again
  std::optional<TimePoint> started;
  std::optional<TimePoint> finished;
  std::optional<int> exit_code;
  std::string reason;
  std::string log_path;
  long long log_bytes = 0;
  std::string result_json;  ///< reports, outputs, artifacts
};

struct RunFilter {
  ProjectName project;  ///< empty = all; so for the others
  SourceName source;
  std::string ref;
  CommitId revision;
  std::optional<RunState> state;
  std::optional<RunTrigger> trigger;
  std::string before;  ///< id of the last run of the page before
  std::size_t limit = 50;
};

/// What measurements say about a step, for the order of cheapest failure.
struct StepStatistics {
  long long runs = 0;
  long long failures = 0;
  Milliseconds total_duration{0};
};

}  // namespace failgate
