// The answer of the gates: every verdict, and what follows from them together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"

namespace failgate {

enum class GateMode {
  kEnforce,  ///< a fail blocks, a wait defers
  kAdvise,   ///< said, recorded, without consequence
};

enum class Verdict { kPass, kFail, kWait };

struct GateVerdict {
  std::string gate;  ///< the name under `gates`, or "after"; "except" and "policy" for the frame
  GateMode mode = GateMode::kEnforce;
  Verdict verdict = Verdict::kFail;
  std::string reason;              ///< one line
  std::optional<TimePoint> until;  ///< of a wait: when it may end by itself
  bool operator==(const GateVerdict&) const = default;
};

enum class Outcome {
  kPassed,
  kBlocked,   ///< an enforced gate fails
  kDeferred,  ///< none fails, some enforced gate waits
};

struct Decision {
  std::vector<GateVerdict> verdicts;  ///< in the fixed order of the gates
  Outcome outcome = Outcome::kBlocked;
  bool operator==(const Decision&) const = default;
};

/// The words of the log and of JSON: "pass" "fail" "wait"; "passed" "blocked" "deferred";
/// "enforce" "advise".
[[nodiscard]] std::string Word(Verdict verdict);
[[nodiscard]] std::string Word(Outcome outcome);
[[nodiscard]] std::string Word(GateMode mode);
[[nodiscard]] std::optional<Verdict> ParseVerdict(const std::string& word);
[[nodiscard]] std::optional<Outcome> ParseOutcome(const std::string& word);
[[nodiscard]] std::optional<GateMode> ParseGateMode(const std::string& word);

}  // namespace failgate
