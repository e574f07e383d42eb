#include "controller/reconcile/attempt_record.h"

#include <array>
#include <nlohmann/json.hpp>

#include "controller/base/error.h"
#include "controller/base/json_number.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

std::optional<ReconcileEnd> ParseEnd(const std::string& word) {
  constexpr std::array kAll = {ReconcileEnd::kDeployed,
                               ReconcileEnd::kFailed,
                               ReconcileEnd::kRolledBack,
                               ReconcileEnd::kRollbackFailed,
                               ReconcileEnd::kDrifted,
                               ReconcileEnd::kUnhealthy,
                               ReconcileEnd::kHealed,
                               ReconcileEnd::kHealFailed,
                               ReconcileEnd::kRemoved,
                               ReconcileEnd::kRemoveFailed};
  for (const ReconcileEnd end : kAll) {
    if (EndWord(end) == word) return end;
  }
  return std::nullopt;
}

}  // namespace

std::string EndWord(ReconcileEnd end) {
  switch (end) {
    case ReconcileEnd::kDeployed:
      return "deployed";
    case ReconcileEnd::kFailed:
      return "failed";
    case ReconcileEnd::kRolledBack:
      return "rolled-back";
    case ReconcileEnd::kRollbackFailed:
      return "rollback-failed";
    case ReconcileEnd::kDrifted:
      return "drifted";
    case ReconcileEnd::kUnhealthy:
      return "unhealthy";
    case ReconcileEnd::kHealed:
      return "healed";
    case ReconcileEnd::kHealFailed:
      return "heal-failed";
    case ReconcileEnd::kRemoved:
      return "removed";
    case ReconcileEnd::kRemoveFailed:
      return "remove-failed";
  }
  return {};
}

std::string AttemptRecordToJson(const AttemptRecord& record) {
  Json json = {{"order", record.order}, {"process", record.process}, {"steps", Json::array()}};
  for (const AttemptStep& step : record.steps) {
    json["steps"].push_back({{"name", step.name}, {"state", step.state}});
  }
  if (record.end) {
    json["end"] = EndWord(*record.end);
    json["running"] = record.running;
    json["running_spec"] = record.running_spec;
  }
  return json.dump();
}

std::optional<AttemptRecord> ParseAttemptRecord(const std::string& json) {
  try {
    const Json root = Json::parse(json);
    AttemptRecord record;
    record.order = WholeNumber(root, "order");
    record.process = root.at("process").get<std::string>();
    for (const Json& step : root.at("steps")) {
      record.steps.push_back(
          {step.at("name").get<std::string>(), step.at("state").get<std::string>()});
    }
    if (root.contains("end")) {
      record.end = ParseEnd(root.at("end").get<std::string>());
      if (!record.end) return std::nullopt;
      record.running = root.at("running").get<std::string>();
      record.running_spec = root.at("running_spec").get<std::string>();
    }
    return record;
  } catch (const Json::exception&) {
    // A row of another writer: as if there were none.
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace failgate
