// Gate `soak`: the release ran well elsewhere for long enough, without interruption.
#pragma once

#include <optional>
#include <vector>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

struct Soak {
  EnvironmentName in;
  Milliseconds duration{0};  ///< over zero
  /// While a release soaks in `in`, automation does not replace it there.
  bool reserve = false;
  bool operator==(const Soak&) const = default;
};

struct SoakGate {
  GateMode mode = GateMode::kEnforce;
  /// The floor's, and one more when the project names another environment. Not empty.
  std::vector<Soak> soaks;
  bool operator==(const SoakGate&) const = default;
};

struct SoakSettings {
  ModeSetting mode;
  MaybeWritten<EnvironmentName> in;
  MaybeWritten<Milliseconds> duration;
  MaybeWritten<bool> reserve;
  int line = 0;
  int column = 0;
};

[[nodiscard]] SoakSettings ReadSoakSettings(const YamlNode& node, ProblemSink& problems);
/// `floor` nullptr: the gate is new and must be complete. A project without `in` means the floor's.
[[nodiscard]] SoakGate MergeSoak(const SoakGate* floor,
                                 const SoakSettings& settings,
                                 MergeProblems& problems);
/// `until` of a wait is when the last soak is over, if each is under way.
[[nodiscard]] GateVerdict EvaluateSoak(const SoakGate& gate, const Facts& facts);

/// When the soak of such a release is over; nullopt when none is under way at `now`.
[[nodiscard]] std::optional<TimePoint> SoaksUntil(const Soak& soak,
                                                  const SoakFact& fact,
                                                  TimePoint now);

}  // namespace failgate
