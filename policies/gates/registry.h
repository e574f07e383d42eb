// The one list of gates: their order, and how each is read, merged and asked.
#pragma once

#include <string>
#include <vector>

#include "policies/policy.h"

namespace failgate {

/// A new gate = its own file under gates/, a member in Policy and GateSettings, and one entry here.
struct GateEntry {
  std::string name;
  /// nullptr for a gate that is implied and cannot be written under `gates`.
  void (*read)(const YamlNode& node, ProblemSink& problems, GateSettings& settings);
  /// Merges what the file says into `policy`, which holds the floor; nullptr as above.
  void (*merge)(const GateSettings& settings, Policy& policy, MergeProblems& problems);
  /// Appends its verdict if the policy has the gate.
  void (*evaluate)(const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts);
  /// Whether all facts that it judges are there, so that a person may override its verdict;
  /// nullptr: nobody may. Asked only when the policy has the gate.
  bool (*is_judged)(const Policy& policy, const Facts& facts) = nullptr;
  /// It may be written as a list too, and gives a verdict for each item, named NAME:ITEM.
  bool may_be_list = false;
};

/// In the order in which verdicts are given.
[[nodiscard]] const std::vector<GateEntry>& GateRegistry();

}  // namespace failgate
