// What became of a webhook delivery, as the inbox keeps it.
#pragma once

#include <string>
#include <vector>

#include "controller/base/ids.h"

namespace failgate {

struct DeliveryOutcome {
  std::string event;            ///< id of the event it led to; empty = none
  std::vector<RunId> runs;      ///< that it led to, or that the same heads had led to before
  std::string ignored_because;  ///< one sentence; only when there are no runs
};

/// {"event", "runs": [ID…], "ignored_because"}; the last one only when not empty.
[[nodiscard]] std::string DeliveryOutcomeToJson(const DeliveryOutcome& outcome);

}  // namespace failgate
