// Triggers that are no pushes: watched data and times. For pipeline_file.cpp only.
#pragma once

#include <vector>

#include "controller/base/yaml_reader.h"
#include "controller/pipeline/pipeline_file.h"

namespace failgate {

/// The value of triggers.data.watch; sorted by name.
[[nodiscard]] std::vector<WatchUse> ReadWatchUses(const YamlNode& node, ProblemSink& problems);
/// The value of triggers.schedule, in file order.
[[nodiscard]] std::vector<ScheduleTrigger> ReadSchedules(const YamlNode& node,
                                                         ProblemSink& problems);

}  // namespace failgate
