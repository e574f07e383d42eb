// The order of environments, from their `after`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "controller/base/result.h"

namespace failgate {

struct Rung {
  EnvironmentName name;
  std::optional<EnvironmentName> after;
  std::string file;  ///< for problems
  int line = 0;      ///< of `after`; 0 = not known
  int column = 0;
  bool operator==(const Rung&) const = default;
};

struct Ladder {
  /// All environments: first rungs first, then by height, then by name; those with problems at the
  /// end.
  std::vector<EnvironmentName> order;
  /// The highest rung without problems (the first by name of equals); empty when there is none.
  EnvironmentName last;
  /// `after` that names itself, nobody, or leads in a circle.
  std::map<EnvironmentName, Problems> problems;
};

/// Names are unique (they are folder names).
[[nodiscard]] Ladder BuildLadder(const std::vector<Rung>& rungs);

}  // namespace failgate
