// Everything a gate may look at. Plain data: whoever has these facts can recompute the decision.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "policies/artifact_facts.h"
#include "policies/check_facts.h"
#include "policies/data_facts.h"
#include "policies/model_facts.h"
#include "policies/requirements_facts.h"
#include "policies/sonar_facts.h"
#include "policies/test_counts.h"

namespace failgate {

/// Numerators and denominators, never percentages. A total of 0 = not measured.
struct CoverageFigures {
  long long lines_covered = 0;
  long long lines_total = 0;
  long long branches_covered = 0;
  long long branches_total = 0;
  bool operator==(const CoverageFigures&) const = default;
};

/// What the reports say of test cases beside their results.
struct CaseFigures {
  long long total = 0;                ///< cases looked at
  long long not_given_when_then = 0;  ///< names that do not read given_…_when_…_then_…
  std::string example;                ///< the first of those names; empty = there is none
  long long real_calls = 0;           ///< passed cases marked as calling real systems
  bool operator==(const CaseFigures&) const = default;
};

/// Coverage of the lines that differ from an earlier revision. Lines no report measured (comments,
/// say) are left out; a total of 0 = none of the changed lines is measured code.
struct ChangedLines {
  CommitId since;  ///< revision of the release before
  long long covered = 0;
  long long total = 0;
  bool operator==(const ChangedLines&) const = default;
};

/// Larger counts are not believed (and keep the arithmetic of gates inside 64 bits).
constexpr long long kMaxFactCount = 1'000'000'000'000;

enum class EvidenceState { kPassed, kFailed, kSkipped };

/// One metric in two runs of a step.
struct MetricPair {
  double first = 0;
  double second = 0;
  bool operator==(const MetricPair&) const = default;
};

/// A step that passed was run once more in a fresh workspace, and its reports compared.
struct RepeatEvidence {
  bool shuffled = false;    ///< the second run was asked to take the test cases in another order
  long long cases = 0;      ///< test cases of the first run
  long long metrics = 0;    ///< metrics of the first run
  std::string difference;   ///< the first one that is not the value of a metric; empty = none
  bool more_moved = false;  ///< there are more than are listed
  std::map<std::string, MetricPair> moved = {};  ///< metrics whose values differ, by name
  bool operator==(const RepeatEvidence&) const = default;
};

/// How the new tests fared on the code of an earlier revision.
enum class RegressionState {
  kUnknown,     ///< nobody could tell what to compare with
  kNoParent,    ///< there is no earlier revision
  kUnchanged,   ///< no file of the tests differs from it
  kRan,         ///< they ran, and left a report
  kBroken,      ///< they ended with an error and without a report: it could not be built, say
  kUnfinished,  ///< they were stopped by a limit
};

/// A step that passed was run once more on the code of an earlier revision (the parent) with the
/// tests of this one.
struct RegressionEvidence {
  RegressionState state = RegressionState::kUnknown;
  CommitId parent;                      ///< empty: there is none
  std::string running;                  ///< the release of that revision, when it ran in the last
                                        ///< environment of the ladder; empty: nothing ran there
  long long failed_before = 0;          ///< test cases that pass now and failed there
  std::vector<std::string> cases = {};  ///< the first of them
  std::vector<std::string> subjects = {};  ///< first lines of the messages of the commits since
  bool more_subjects = false;              ///< there are more than are listed
  std::string detail = {};                 ///< for people, one line
  bool operator==(const RegressionEvidence&) const = default;
};

/// One step of the run that made the release.
struct StepEvidence {
  std::string name;
  std::string level;  ///< "unit" | "build" | "integration" | "train" | "functional"
  EvidenceState state = EvidenceState::kSkipped;
  TestCounts tests;
  std::string usecase = {};               ///< as the pipeline names it; empty = none
  std::optional<TimePoint> started = {};  ///< of the attempt that counts; both or neither
  std::optional<TimePoint> finished = {};
  std::optional<CaseFigures> cases = {};              ///< nullopt: not recorded
  std::optional<RepeatEvidence> repeated = {};        ///< nullopt: it ran once
  std::optional<RegressionEvidence> regression = {};  ///< nullopt: not tried
  bool operator==(const StepEvidence&) const = default;
};

/// What the run proved. A level without an entry in `tests` has no tests.
struct Evidence {
  std::map<std::string, TestCounts> tests;  ///< by level
  std::optional<CoverageFigures> coverage;
  std::map<std::string, double> metrics;  ///< finite numbers only
  std::vector<StepEvidence> steps;
  std::optional<ChangedLines> changed_lines = {};  ///< nullopt: not compared
  /// Metrics by the step that reported them, only those about what is released. Empty also where
  /// this was not recorded.
  std::vector<StepMeasurement> measured = {};
  std::optional<DataEvidence> data = {};  ///< nullopt: of a former version
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

/// A person lets one gate pass for the release, for a while (break-glass).
struct OverrideFact {
  std::string gate;
  Person person;
  std::string reason;
  TimePoint at{};
  TimePoint until{};
  std::string record;  ///< "sha256:…" of the release record it was given for
  bool operator==(const OverrideFact&) const = default;
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

/// How steadily the release runs or ran in an environment where it is to soak.
enum class SoakState {
  kSteady,     ///< runs there healthy and as decided, since `since`
  kReplaced,   ///< ran so from `since` to `until`, then another release was ordered
  kDisturbed,  ///< runs there, but unhealthy or drifted
  kNeverThere,
  kDeploying,
  kFailed,
  kRolledBack,
  kExcepted,
  kNoSuchEnvironment,
};

struct SoakFact {
  EnvironmentName environment;
  SoakState state = SoakState::kNeverThere;
  std::optional<TimePoint> since = {};  ///< without interruption; absent: not known
  std::optional<TimePoint> until = {};
  std::string detail = {};  ///< for people, one line
  bool operator==(const SoakFact&) const = default;
};

/// What a zone's clocks show from `since` on: UTC + `seconds`.
struct ZoneOffset {
  TimePoint since{};
  long long seconds = 0;
  bool operator==(const ZoneOffset&) const = default;
};

/// The rules of one time zone as far as they matter, so that nobody needs a zone database to
/// compute a decision again.
struct ZoneFact {
  std::string name;    ///< "Europe/Paris"
  bool known = false;  ///< false: the controller's database has no such zone
  TimePoint from{};    ///< the offsets hold in [from, until)
  TimePoint until{};
  std::vector<ZoneOffset> offsets = {};  ///< the first begins at `from` or before
  bool operator==(const ZoneFact&) const = default;
};

/// A commit of the source, and whose key signed it.
struct SignedCommitFact {
  CommitId commit;
  std::string author;   ///< e-mail address; says nothing of the signature
  std::string signer;   ///< e-mail address; empty: no signature that counts
  std::string why_not;  ///< without signer: one phrase
  bool operator==(const SignedCommitFact&) const = default;
};

/// Commits that are in the release and not in what runs.
struct SignedCommitsFact {
  bool known = false;      ///< false: one is missing in the mirror
  bool truncated = false;  ///< there are more than are listed
  std::vector<SignedCommitFact> commits = {};
  bool operator==(const SignedCommitsFact&) const = default;
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
  std::vector<OverrideFact> overrides;
  std::optional<LadderFact> after;
  std::optional<ReleaseName> running;
  /// A way back: `after`, `soak`, `window`, `approvals` are not asked (product.md §4).
  bool rollback = false;
  bool excepted = false;  ///< the desired file says: never choose it again
  std::string excepted_reason;
  std::vector<SoakFact> soaks = {};  ///< one for each environment the policy names
  std::vector<ZoneFact> zones = {};  ///< one for each time zone the policy names
  std::optional<SignedCommitsFact> signed_commits = {};  ///< when the policy has the gate `signed`
  /// When the project has checks or the policy has commands; absent: not known.
  std::optional<CheckFilesFact> check_files = {};
  std::vector<CheckFact> checks = {};      ///< of `checks.before`
  std::vector<CommandFact> commands = {};  ///< of the gates `command` that were asked
  std::vector<ArtifactFact> artifacts =
      {};  ///< when the policy has the gate `artifacts` or `requirements`
  std::optional<RequirementsFact> requirements = {};  ///< when it has the gate `requirements`
  std::optional<SonarFact> sonar = {};                ///< when it has the gate `sonar`
  std::optional<ModelFacts> models = {};              ///< when it has `model` or `consistency`
  /// When it has the gate `data` with `schema: champion`; absent: nothing runs, or it has no
  /// report.
  std::optional<ChampionDataFact> champion_data = {};
  bool operator==(const Facts&) const = default;
};

/// The levels of product.md §3 in their rank; also the words a gate may ask for.
[[nodiscard]] const std::vector<std::string>& TestLevels();

}  // namespace failgate
