#include "controller/pipeline/plan_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "controller/base/text.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

template <typename T>
T Known(std::optional<T> value, const char* key) {
  if (!value) {
    throw JsonFault{std::string(key) + " is not a known word"};
  }
  return *value;
}

PlannedStep ReadStep(const Json& json) {
  JsonObjectReader reader(json, "step");
  PlannedStep step;
  step.name = reader.String("name");
  step.level = Known(ParseStepLevel(reader.String("level")), "level");
  step.training = Known(ParseTrainingMode(reader.String("training")), "training");
  step.why = reader.String("why");
  reader.Finish();
  return step;
}

UnplannedStep ReadLeftOut(const Json& json) {
  JsonObjectReader reader(json, "left_out");
  UnplannedStep step;
  step.name = reader.String("name");
  step.why = reader.String("why");
  reader.Finish();
  return step;
}

OvertakenData ReadOvertaken(const Json& json) {
  JsonObjectReader reader(json, "overtaken");
  OvertakenData data;
  data.run = RunId(reader.String("run"));
  data.revision = CommitId(reader.String("revision"));
  data.data = reader.String("data");
  data.reason = reader.String("reason");
  reader.Finish();
  return data;
}

}  // namespace

std::string PlanToJson(const RunPlan& plan) {
  Json object = Json::object();
  object["trigger"] = std::string(ToText(plan.trigger));
  object["training"] = std::string(ToText(plan.training));
  object["steps"] = Json::array();
  for (const PlannedStep& step : plan.steps) {
    Json one = Json::object();
    one["name"] = step.name;
    one["level"] = std::string(ToText(step.level));
    one["training"] = std::string(ToText(step.training));
    one["why"] = step.why;
    object["steps"].push_back(std::move(one));
  }
  object["left_out"] = Json::array();
  for (const UnplannedStep& step : plan.left_out) {
    Json one = Json::object();
    one["name"] = step.name;
    one["why"] = step.why;
    object["left_out"].push_back(std::move(one));
  }
  if (!plan.watched.empty()) {
    object["watched"] = plan.watched;
  }
  if (plan.overtaken) {
    Json overtaken = Json::object();
    overtaken["run"] = plan.overtaken->run.text();
    overtaken["revision"] = plan.overtaken->revision.text();
    overtaken["data"] = plan.overtaken->data;
    overtaken["reason"] = plan.overtaken->reason;
    object["overtaken"] = std::move(overtaken);
  }
  return CanonicalJson(object);
}

Result<RunPlan> ParsePlan(std::string_view json) {
  try {
    const Json parsed = ParseStrictJson(json);
    JsonObjectReader reader(parsed, "plan");
    RunPlan plan;
    plan.trigger = Known(ParseTriggerKind(reader.String("trigger")), "trigger");
    plan.training = Known(ParseTrainingMode(reader.String("training")), "training");
    for (const Json& step : ExpectArray(reader.Required("steps"), "steps")) {
      plan.steps.push_back(ReadStep(step));
    }
    for (const Json& step : ExpectArray(reader.Required("left_out"), "left_out")) {
      plan.left_out.push_back(ReadLeftOut(step));
    }
    if (const Json* watched = reader.Optional("watched")) {
      for (const Json& name : ExpectArray(*watched, "watched")) {
        if (!name.is_string()) {
          throw JsonFault{"watched must hold names"};
        }
        plan.watched.push_back(name.get<std::string>());
      }
    }
    if (const Json* overtaken = reader.Optional("overtaken")) {
      plan.overtaken = ReadOvertaken(*overtaken);
    }
    reader.Finish();
    return plan;
  } catch (const JsonFault& fault) {
    return Refusal{"invalid_plan", fmt::format("the plan is invalid: {}", OneLine(fault.text))};
  }
}

}  // namespace failgate
