// Gate `model`: metrics reach their thresholds and are not worse than the champion's, which is what
// runs in the environment to be entered.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policies/facts.h"
#include "policies/gates/approvals.h"
#include "policies/gates/gate_settings.h"
#include "policies/operations_check.h"

namespace failgate {

enum class Direction { kHigher, kLower };  ///< which values are better

/// How much worse than the champion a metric may be.
struct Tolerance {
  double value = 0;       ///< not negative; relative: a share, 0.01 = 1 %
  bool relative = false;  ///< to the champion's value
  bool operator==(const Tolerance&) const = default;
};

/// How many samples a metric must rest on.
struct SampleDemand {
  std::string metric;  ///< that tells the number; of a slice: the same with the slice
  long long at_least = 1;
  bool operator==(const SampleDemand&) const = default;
};

struct ModelMetric {
  std::string metric;
  Direction direction = Direction::kHigher;
  std::optional<double> at_least = {};
  std::optional<double> at_most = {};
  bool beats_champion = false;  ///< not_worse_than: champion
  Tolerance tolerance = {};
  std::vector<std::string> slices = {};  ///< "country=FR" or "country=*"; sorted, unique
  std::optional<SampleDemand> samples = {};
  std::optional<double> warn = {};  ///< worse values, though good enough, ask a person
  bool key = false;                 ///< told first
  bool operator==(const ModelMetric&) const = default;
};

struct ModelGate {
  GateMode mode = GateMode::kEnforce;
  std::vector<ModelMetric> metrics;  ///< the key metric first; names unique; not empty
  bool operator==(const ModelGate&) const = default;
};

struct ModelMetricSettings {
  std::string metric;
  int line = 0;
  int column = 0;
  MaybeWritten<Direction> direction = {};
  MaybeWritten<double> at_least = {};
  MaybeWritten<double> at_most = {};
  MaybeWritten<bool> beats_champion = {};
  MaybeWritten<Tolerance> tolerance = {};
  MaybeWritten<std::vector<std::string>> slices = {};
  MaybeWritten<SampleDemand> samples = {};
  MaybeWritten<double> warn = {};
  MaybeWritten<bool> key = {};
};

struct ModelSettings {
  ModeSetting mode;
  std::vector<ModelMetricSettings> metrics = {};
  int line = 0;
  int column = 0;
};

[[nodiscard]] ModelSettings ReadModelSettings(const YamlNode& node, ProblemSink& problems);
/// `floor` nullptr: the gate is new. Metrics of the floor stay, by name.
[[nodiscard]] ModelGate MergeModel(const ModelGate* floor,
                                   const ModelSettings& settings,
                                   MergeProblems& problems);
/// What is missing, no number, contradicting or measured against another champion does not pass.
/// `checks`: those before the deployment; where one of them reports metrics only theirs count.
/// `approvals` nullptr: whoever may approve lifts a warning.
[[nodiscard]] GateVerdict EvaluateModel(const ModelGate& gate,
                                        const std::vector<OperationsCheck>& checks,
                                        const ApprovalsGate* approvals,
                                        const Facts& facts);

/// All values that the gate asks for are there and can be compared.
[[nodiscard]] bool ModelIsJudged(const ModelGate& gate,
                                 const std::vector<OperationsCheck>& checks,
                                 const Facts& facts);

/// The run compared with another champion than what runs in the environment now, so that it has to
/// be run again. Never of metrics of checks, which are due again by themselves.
[[nodiscard]] bool ComparisonIsStale(const ModelGate& gate,
                                     const std::vector<OperationsCheck>& checks,
                                     const Facts& facts);

/// In the reason of a wait that an approval ends.
inline constexpr const char* kAsksAPerson = "a person has to approve";

/// An approval may be needed to pass it.
[[nodiscard]] bool MayAskAPerson(const ModelGate& gate);

}  // namespace failgate
