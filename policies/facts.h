// Everything a gate may look at. Plain data: whoever has these facts can recompute the decision.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"

namespace failgate {

/// Test cases by result. Counts above kMaxFactCount or below zero never pass a gate.
struct TestCounts {
  long long passed = 0;
  long long failed = 0;
  long long errors = 0;
  long long skipped = 0;
  bool operator==(const TestCounts&) const = default;
};

/// Numerators and denominators, never percentages. A total of 0 = not measured.
struct CoverageFigures {
  long long lines_covered = 0;
  long long lines_total = 0;
  long long branches_covered = 0;
  long long branches_total = 0;
  bool operator==(const CoverageFigures&) const = default;
};

/// Larger counts are not believed (and keep the arithmetic of gates inside 64 bits).
constexpr long long kMaxFactCount = 1'000'000'000'000;

enum class EvidenceState { kPassed, kFailed, kSkipped };

/// One step of the run that made the release.
struct StepEvidence {
  std::string name;
  std::string level;  ///< "unit" | "build" | "integration" | "train" | "functional"
  EvidenceState state = EvidenceState::kSkipped;
  TestCounts tests;
  bool operator==(const StepEvidence&) const = default;
};

/// What the run proved. A level without an entry in `tests` has no tests.
struct Evidence {
  std::map<std::string, TestCounts> tests;  ///< by level
  std::optional<CoverageFigures> coverage;
  std::map<std::string, double> metrics;  ///< finite numbers only
  std::vector<StepEvidence> steps;
  bool operator==(const Evidence&) const = default;
};

/// A person's yes or no to one release in one environment. Withdrawn ones are left out of the
/// facts.
struct ApprovalFact {
  Person person;
  bool rejects = false;
  TimePoint at{};
  std::optional<TimePoint> expires;
  std::string record;  ///< "sha256:…" of the release record that was approved
  std::string via;     ///< "api" | "commit"
  bool with_signature = false;
  bool operator==(const ApprovalFact&) const = default;
};

/// How the release fares in the environment before this one.
enum class LadderState {
  kPassed,             ///< deployed there, healthy, checks passed, nothing bad since
  kNeverThere,         ///< not deployed there yet
  kDeploying,          ///< on its way
  kFailed,             ///< its deployment failed
  kRolledBack,         ///< it was taken back
  kExcepted,           ///< people excepted it there
  kNoSuchEnvironment,  ///< the rung before does not exist
};

struct LadderFact {
  EnvironmentName environment;  ///< the one that `after:` names
  LadderState state = LadderState::kNeverThere;
  std::optional<TimePoint> since;
  std::string detail;  ///< for people, one line
  bool operator==(const LadderFact&) const = default;
};

/// The facts about one release for one environment at one time. The order in lists has no meaning.
struct Facts {
  ProjectName project;
  EnvironmentName environment;
  ReleaseName release;
  std::string record;  ///< "sha256:…" of the release record
  TimePoint now{};
  Evidence evidence;
  bool authors_known = false;
  std::vector<Person> authors;  ///< of any commit since what runs there
  std::optional<Person> requester;
  std::string requested_via;  ///< "api" | "commit" | "automatic"
  std::vector<ApprovalFact> approvals;
  std::optional<LadderFact> after;
  std::optional<ReleaseName> running;
  /// A way back: `after` and `approvals` are not asked (product.md §4).
  bool rollback = false;
  bool excepted = false;  ///< the desired file says: never choose it again
  std::string excepted_reason;
  bool operator==(const Facts&) const = default;
};

/// The levels of product.md §3 in their rank; also the words a gate may ask for.
[[nodiscard]] const std::vector<std::string>& TestLevels();

}  // namespace failgate
