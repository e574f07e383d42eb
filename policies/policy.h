// What an environment demands of a release: the floor of its environment.yaml, or floor and project
// merged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "policies/gates/approvals.h"
#include "policies/gates/artifacts.h"
#include "policies/gates/command.h"
#include "policies/gates/consistency.h"
#include "policies/gates/coverage.h"
#include "policies/gates/data.h"
#include "policies/gates/max_duration.h"
#include "policies/gates/model.h"
#include "policies/gates/regression_test.h"
#include "policies/gates/repeatable.h"
#include "policies/gates/requirements.h"
#include "policies/gates/signed.h"
#include "policies/gates/soak.h"
#include "policies/gates/sonar.h"
#include "policies/gates/stability.h"
#include "policies/gates/tests.h"
#include "policies/gates/window.h"
#include "policies/operations_check.h"

namespace failgate {

/// Made by ParseEnvironmentPolicy and Tighten only; a Policy{} of its own lets nothing pass.
struct Policy {
  /// Who takes the last step into the environment.
  enum LastStep {
    kDelivery,    ///< a person names the release
    kDeployment,  ///< the newest that passes goes in by itself
  };
  LastStep last_step = kDelivery;
  std::optional<EnvironmentName> after;
  bool gates_written = false;  ///< `gates:` was there, be it `none`
  std::optional<TestsGate> tests;
  std::optional<CoverageGate> coverage;
  std::optional<ApprovalsGate> approvals;
  std::optional<WindowGate> window;
  std::optional<SoakGate> soak;
  std::optional<MaxDurationGate> max_duration;
  std::optional<SignedGate> signed_commits = {};
  OperationsChecks checks = {};  ///< of the project's file; `before` is a gate of its own
  std::vector<CommandGate> commands = {};
  std::optional<RepeatableGate> repeatable = {};
  std::optional<RegressionTestGate> regression_test = {};
  std::optional<ArtifactsGate> artifacts = {};
  std::optional<RequirementsGate> requirements = {};
  std::optional<SonarGate> sonar = {};
  std::optional<ModelGate> model = {};
  std::optional<ConsistencyGate> consistency = {};
  std::optional<StabilityGate> stability = {};
  std::optional<DataGate> data = {};
  /// Who may let a gate pass (break-glass): lower-case e-mail addresses, sorted; empty = nobody.
  std::vector<std::string> override_from;
  bool operator==(const Policy&) const = default;
};

/// What one file says under `gates:`.
struct GateSettings {
  std::string file;
  bool written = false;  ///< the key is there
  bool none = false;     ///< `gates: none`
  int line = 0;
  int column = 0;
  std::optional<TestsSettings> tests;
  std::optional<CoverageSettings> coverage;
  std::optional<ApprovalsSettings> approvals;
  std::optional<WindowSettings> window = {};
  std::optional<SoakSettings> soak = {};
  std::optional<MaxDurationSettings> max_duration = {};
  std::optional<SignedSettings> signed_commits = {};
  std::vector<CommandSettings> commands = {};
  OperationsChecks checks = {};  ///< of `checks:` beside `gates:`, in a project's file
  std::optional<RepeatableSettings> repeatable = {};
  std::optional<RegressionTestSettings> regression_test = {};
  std::optional<ArtifactsSettings> artifacts = {};
  std::optional<RequirementsSettings> requirements = {};
  std::optional<SonarSettings> sonar = {};
  std::optional<ModelSettings> model = {};
  std::optional<ConsistencySettings> consistency = {};
  std::optional<StabilitySettings> stability = {};
  std::optional<DataSettings> data = {};
  MaybeWritten<std::vector<std::string>> override_from = {};  ///< of `override:` beside `gates:`
};

/// Product.md §4: a hand-made commit without a signature may ask for a promotion only where
/// approvals of others are needed (enforced).
[[nodiscard]] bool AsksForApprovals(const Policy& policy);

/// "delivery" | "deployment".
[[nodiscard]] std::string Word(Policy::LastStep last_step);

}  // namespace failgate
