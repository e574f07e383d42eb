#include "controller/store/run.h"

#include <array>

#include "controller/store/words.h"

namespace failgate {

std::string_view Word(RunState state) {
  switch (state) {
    case RunState::kQueued:
      return "queued";
    case RunState::kRunning:
      return "running";
    case RunState::kSucceeded:
      return "succeeded";
    case RunState::kFailed:
      return "failed";
    case RunState::kCancelled:
      return "cancelled";
    case RunState::kSuperseded:
      return "superseded";
    case RunState::kRefused:
      return "refused";
  }
  return "";
}

std::string_view Word(RunTrigger trigger) {
  switch (trigger) {
    case RunTrigger::kCode:
      return "code";
    case RunTrigger::kData:
      return "data";
    case RunTrigger::kSchedule:
      return "schedule";
    case RunTrigger::kManual:
      return "manual";
    case RunTrigger::kCheck:
      return "check";
  }
  return "";
}

std::string_view Word(ReleaseState state) {
  switch (state) {
    case ReleaseState::kNone:
      return "none";
    case ReleaseState::kOwed:
      return "owed";
    case ReleaseState::kDone:
      return "done";
    case ReleaseState::kIgnored:
      return "ignored";
  }
  return "";
}

std::string_view Word(StepState state) {
  switch (state) {
    case StepState::kPending:
      return "pending";
    case StepState::kRunning:
      return "running";
    case StepState::kPassed:
      return "passed";
    case StepState::kFailed:
      return "failed";
    case StepState::kSkipped:
      return "skipped";
    case StepState::kCancelled:
      return "cancelled";
  }
  return "";
}

std::optional<RunState> ParseRunState(std::string_view word) {
  constexpr std::array kAll = {RunState::kQueued,
                               RunState::kRunning,
                               RunState::kSucceeded,
                               RunState::kFailed,
                               RunState::kCancelled,
                               RunState::kSuperseded,
                               RunState::kRefused};
  return FindWord<RunState>(kAll, word);
}

std::optional<RunTrigger> ParseRunTrigger(std::string_view word) {
  constexpr std::array kAll = {RunTrigger::kCode,
                               RunTrigger::kData,
                               RunTrigger::kSchedule,
                               RunTrigger::kManual,
                               RunTrigger::kCheck};
  return FindWord<RunTrigger>(kAll, word);
}

std::optional<ReleaseState> ParseReleaseState(std::string_view word) {
  constexpr std::array kAll = {
      ReleaseState::kNone, ReleaseState::kOwed, ReleaseState::kDone, ReleaseState::kIgnored};
  return FindWord<ReleaseState>(kAll, word);
}

std::optional<StepState> ParseStepState(std::string_view word) {
  constexpr std::array kAll = {StepState::kPending,
                               StepState::kRunning,
                               StepState::kPassed,
                               StepState::kFailed,
                               StepState::kSkipped,
                               StepState::kCancelled};
  return FindWord<StepState>(kAll, word);
}

bool IsFinished(RunState state) {
  return state != RunState::kQueued && state != RunState::kRunning;
}

}  // namespace failgate
