// The files of the deploy log's tree: what is true now, beside the history that says how it came
// so.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/trust/policy_trust.h"

namespace failgate {

enum class Health { kUnknown, kHealthy, kUnhealthy };
enum class Drift { kUnknown, kNone, kDrifted };
[[nodiscard]] std::string HealthWord(Health health);
[[nodiscard]] std::string DriftWord(Drift drift);

/// How the last deployment of one release in one environment ended.
enum class DeploymentEnd { kHealthy, kFailed, kRolledBack };
[[nodiscard]] std::string EndWord(DeploymentEnd end);
/// Throws Error(kNeedsChange) for a word this version does not know.
[[nodiscard]] DeploymentEnd ParseEnd(const std::string& word);

struct LastFact {
  std::string fact;
  std::string result;
  TimePoint at;
};

/// One release's stay in one environment, newest last in EnvironmentState::history.
struct HistoryEntry {
  ReleaseName release;
  std::string spec;      ///< digest of the deploy specification
  std::string decision;  ///< that ordered it: its record holds the deploy files as they were
  TimePoint at;
  DeploymentEnd end = DeploymentEnd::kHealthy;
  long order = 0;  ///< counts the ends of the pair; given by Remember
  /// Of a healthy one: healthy and as decided from `steady` on without interruption, until the next
  /// order or today. Absent: drifted or unhealthy last, or a former version wrote it.
  std::optional<TimePoint> steady = {};
  std::optional<TimePoint> steady_until = {};  ///< when something else was ordered, once that ended
  bool operator==(const HistoryEntry&) const = default;
};

/// An approval or rejection by a person's token or signed file, not used up by a promotion yet.
struct StandingApproval {
  ReleaseName release;
  Person person;
  bool rejects = false;
  std::string record;  ///< "sha256:…" of the release record that was approved
  std::string spec;    ///< of the deploy specification that was approved
  TimePoint at;
  std::optional<TimePoint> expires;
  std::string request;  ///< id of the API request it came with; empty for a file
  /// The signed approval file on main: "approvals/prod/churn-42/alice@example.com.yaml"; empty: it
  /// came with a token.
  std::string file = {};
};

/// What the log was told of an approval file on main; each version of it counts once at most.
struct ToldApproval {
  std::string file;          ///< blob of the file
  std::string signature;     ///< blob of its .sig; empty: there was none
  std::string refused = {};  ///< why it does not count, or no longer; empty: it was counted
  bool operator==(const ToldApproval&) const = default;
};

/// All automation of the pair stands still since a person asked it.
struct StandingHold {
  Person by;
  std::string reason;
  std::optional<TimePoint> until;  ///< it is over by itself then
  bool healing = true;             ///< false: drift is told, not repaired
  std::string wanted;              ///< commit on main that asked for it
  TimePoint at;
};

/// A gate that a person lets pass for a release, until it is used up or its time is over.
struct StandingOverride {
  ReleaseName release;
  std::string gate;
  Person person;
  std::string reason;
  std::string record;  ///< "sha256:…" of the release record it was given for
  std::string spec;    ///< of the deploy specification it was given for
  TimePoint at;        ///< in whole seconds, as `until`
  TimePoint until;
  std::string request;  ///< id of the API request it came with
};

/// What was decided last and how far it is carried out.
struct Ordered {
  ReleaseName release;
  std::string spec;
  std::string decision;  ///< "sha256:…"; its record lies under decisions/
  std::string wanted;    ///< commit on main that asked for it; empty for automatic ones
  TimePoint at;
  long attempt = 0;       ///< counts promotions of this pair; deployed/failed facts name it
  bool finished = false;  ///< deployed, failed or rolled back
  bool rollback = false;
  bool retry = false;    ///< it failed, and a person asked to try it again: to be judged anew
  bool removes = false;  ///< what is there is to go; finished: it could not be taken away
};

/// ENVIRONMENT/PROJECT.json, and the ends of deployments beside it (deployment_ends.h).
struct EnvironmentState {
  long sequence = 0;  ///< of the last fact about this pair
  ReleaseName running;
  std::string running_spec;
  std::optional<TimePoint> since;
  Ordered decided;  ///< release empty: nothing was ever decided, or it was taken away
  Health health = Health::kUnknown;
  Drift drift = Drift::kUnknown;
  LastFact last;
  std::vector<HistoryEntry> history;
  /// Its file holds the ends too, as the logs of former versions do until the next fact of the
  /// pair.
  bool ends_inside = false;
  std::vector<StandingApproval> approvals;
  /// The last verdict written of each candidate, so that each change of verdict is one fact; see
  /// RememberVerdict.
  std::map<ReleaseName, std::string> verdicts;
  /// Why the last deployment failed; kept until one ends well.
  std::string cause;
  /// Why automation stands still until a person acts: a rollback failed too. Empty = it does not.
  std::string stopped;
  /// The last commit on main whose wish was refused; written once.
  std::string refused;
  std::optional<StandingHold> hold;
  std::vector<StandingOverride> overrides;
  std::map<std::string, ToldApproval> approval_files = {};  ///< by path; see TellApproval
  /// HistoryEntry::order of the newest end when the pair was last taken away: to what came before
  /// nothing goes back by itself.
  long removed = 0;

  [[nodiscard]] const HistoryEntry* LastEnd(const ReleaseName& release) const;
  /// The end of one release deployed in one way; nullptr when it never was.
  [[nodiscard]] const HistoryEntry* EndOf(const ReleaseName& release,
                                          const std::string& spec) const;
  /// Replaces the entry of the same release and specification, and keeps the newest 100.
  void Remember(HistoryEntry entry);
  /// For the end of what is decided: a drift ends its steady time, a repair begins it anew.
  void SetSteady(std::optional<TimePoint> from);
  /// An order came to its end, well or not: what ran steadily before did so until it was given.
  void EndSteadyOfOthers();
  /// In place of an earlier one of the same release and gate; those whose time is over at its
  /// begin are forgotten.
  void AddOverride(StandingOverride given);
  /// Keeps what is told of kApprovalFilesRemembered files; those of the oldest releases go first.
  void TellApproval(const std::string& path, ToldApproval told);
  /// False when this verdict of the release is remembered already. Beside it only those of the
  /// kVerdictsRemembered newest releases are kept: more are never judged in one pass.
  bool RememberVerdict(const ReleaseName& release, const std::string& summary);
};
inline constexpr std::size_t kVerdictsRemembered = 64;
inline constexpr std::size_t kApprovalFilesRemembered = 200;

/// projects/PROJECT.json
struct ProjectState {
  long sequence = 0;
  long releases = 0;  ///< the highest number given
  LastFact last;
  /// Runs last told of as superseded, at most kSupersededRemembered: after a kill between push and
  /// database nobody tells it twice.
  std::vector<std::string> superseded;
};

inline constexpr std::size_t kSupersededRemembered = 64;

/// A key that signed the log once.
struct FormerKey {
  std::string line;  ///< "ssh-ed25519 AAAA…"
  /// Where main stood when its time ended: what it signed on main up to here still counts.
  CommitId main;
};

/// controller.json
struct ControllerState {
  long sequence = 0;
  std::string name;
  std::string instance;
  TimePoint since;
  std::string host;
  std::string key;                     ///< fingerprint of the signing key
  std::vector<FormerKey> former = {};  ///< oldest first
  /// The request with which an operator last accepted a rewritten branch; told once.
  std::string accepted = {};
  /// The policy that owners let be in force; nullopt: nobody is asked for signatures.
  std::optional<PolicyInForce> policy = {};
  /// PolicyStanding::refused of the content that was last refused; told once.
  std::string policy_refused = {};
};

/// The state's own file: without its ends, unless they are inside.
[[nodiscard]] std::string WriteJson(const EnvironmentState& state);
[[nodiscard]] std::string WriteJson(const ProjectState& state);
[[nodiscard]] std::string WriteJson(const ControllerState& state);
/// Without the ends that lie beside the file.
[[nodiscard]] Result<EnvironmentState> ReadEnvironmentState(std::string_view json);
[[nodiscard]] Result<ProjectState> ReadProjectState(std::string_view json);
[[nodiscard]] Result<ControllerState> ReadControllerState(std::string_view json);

[[nodiscard]] std::string EnvironmentPath(const EnvironmentName& environment,
                                          const ProjectName& project);
[[nodiscard]] std::string ProjectPath(const ProjectName& project);
[[nodiscard]] std::string RecordPath(const ProjectName& project, const ReleaseName& release);
inline constexpr const char* kControllerPath = "controller.json";
inline constexpr const char* kDeployLogRef = "refs/heads/deploy-log";
inline constexpr const char* kMainRef = "refs/heads/main";

}  // namespace failgate
