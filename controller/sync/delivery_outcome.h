// What became of a webhook delivery, as the inbox keeps it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "controller/base/ids.h"

namespace failgate {

struct DeliveryOutcome {
  std::string event;            ///< id of the event it led to; empty = none
  std::vector<RunId> runs;      ///< that it led to, or that the same heads had led to before
  std::string ignored_because;  ///< one sentence; only when there are neither runs nor images
  /// Tags of an image with the digests its registry told.
  std::vector<std::pair<std::string, std::string>> images = {};
};

/// {"event", "runs": [ID…], "images": [{"tag", "digest"}…], "ignored_because"}; the last two only
/// when not empty.
[[nodiscard]] std::string DeliveryOutcomeToJson(const DeliveryOutcome& outcome);

}  // namespace failgate
