// Gate `window`: a release goes in only at times that suit. Asked when a promotion is applied, not
// when it is requested.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"
#include "policies/gates/weekly_range.h"

namespace failgate {

struct Freeze {
  WallTime from;
  WallTime to;  ///< excluded
  std::string reason;
  bool operator==(const Freeze&) const = default;
};

/// What one file asks.
struct Window {
  std::string zone;
  std::vector<WeeklyRange> allow;  ///< empty = always
  std::vector<Freeze> freezes;
  bool operator==(const Window&) const = default;
};

struct WindowGate {
  GateMode mode = GateMode::kEnforce;
  /// The floor's, then the project's: all must be open, so that a project can only narrow. Not
  /// empty.
  std::vector<Window> windows;
  bool operator==(const WindowGate&) const = default;
};

struct WindowSettings {
  ModeSetting mode;
  MaybeWritten<std::string> zone;
  std::vector<WeeklyRange> allow;
  std::vector<Freeze> freezes;
  int line = 0;
  int column = 0;
};

[[nodiscard]] WindowSettings ReadWindowSettings(const YamlNode& node, ProblemSink& problems);
/// `floor` nullptr: the gate is new and must be complete. A project without a timezone means the
/// floor's.
[[nodiscard]] WindowGate MergeWindow(const WindowGate* floor,
                                     const WindowSettings& settings,
                                     MergeProblems& problems);
/// `until` of a wait is when all windows are open next, as far as the zones' rules are known.
[[nodiscard]] GateVerdict EvaluateWindow(const WindowGate& gate, const Facts& facts);

}  // namespace failgate
