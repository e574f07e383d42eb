#include "controller/sync/delivery_outcome.h"

#include <nlohmann/json.hpp>

#include "controller/base/text.h"

namespace failgate {

std::string DeliveryOutcomeToJson(const DeliveryOutcome& outcome) {
  nlohmann::json object = nlohmann::json::object();
  object["event"] = outcome.event.empty() ? nlohmann::json() : nlohmann::json(outcome.event);
  object["runs"] = nlohmann::json::array();
  for (const RunId& run : outcome.runs) {
    object["runs"].push_back(run.text());
  }
  for (const auto& image : outcome.images) {
    object["images"].push_back({{"tag", image.first}, {"digest", image.second}});
  }
  if (!outcome.ignored_because.empty()) {
    object["ignored_because"] = OneLine(outcome.ignored_because);
  }
  return object.dump();
}

}  // namespace failgate
