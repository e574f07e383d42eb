// One program of the operations repository that is to be run for a release: a check before or after
// a deployment, or the command of a gate.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/artifacts/artifact_record.h"
#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "policies/check_facts.h"
#include "policies/operations_check.h"

namespace failgate {

enum class CheckKind { kBefore, kAfter, kCommand };
/// "before", "after", "command".
[[nodiscard]] std::string_view Word(CheckKind kind);

/// A release as a check sees it.
struct CheckedRelease {
  ReleaseName release;
  std::string record;  ///< "sha256:…" of its record
  std::vector<ArtifactRecord> artifacts;
};

struct CheckJob {
  CheckKind kind = CheckKind::kBefore;
  EnvironmentName environment;
  ProjectName project;
  OperationsCheck check;  ///< of a command: its name, run and timeout
  CheckFilesFact files;   ///< what it runs in
  CheckedRelease candidate;
  std::optional<CheckedRelease> champion = {};  ///< of kBefore; nullopt: nothing runs there
  std::string order = {};                       ///< of kAfter: which deployment it looks at
  std::string address = {};                     ///< of kAfter; empty = there is none
  std::filesystem::path deployed = {};          ///< of kAfter: seen read-only; empty = none
  std::string input = {};                       ///< of kCommand: bytes of its standard input
  std::string input_digest = {};                ///< of kCommand: what the answer is an answer to
};

/// Names everything a job is run with: equal keys, the same question. 64 hex digits.
[[nodiscard]] std::string KeyOf(const CheckJob& job);

/// The log of a job, whether it is there or not. `logs`: the folder of all logs.
[[nodiscard]] std::filesystem::path CheckLogPath(const std::filesystem::path& logs,
                                                 const std::string& key);

/// What a job came to. Only for jobs that ran: what kept one from running is no outcome.
struct CheckOutcome {
  bool passed = false;
  std::string reason;  ///< one line; empty when passed
  TestCounts tests;
  std::map<std::string, double> metrics;
  std::string answer;  ///< of kCommand, when passed: what it wrote, in the agreed form
  TimePoint started{};
  TimePoint finished{};
  bool operator==(const CheckOutcome&) const = default;
};
[[nodiscard]] std::string CheckOutcomeToJson(const CheckOutcome& outcome);
/// Strict; refusal code "invalid_check_outcome".
[[nodiscard]] Result<CheckOutcome> ParseCheckOutcome(std::string_view json);

}  // namespace failgate
