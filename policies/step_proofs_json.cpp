// What more runs of a step proved <-> JSON objects.
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "controller/base/error.h"
#include "policies/facts_object.h"
#include "policies/state_words.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<RegressionState, const char*>, 6> kRegressionStates{
    {{RegressionState::kUnknown, "unknown"},
     {RegressionState::kNoParent, "no-parent"},
     {RegressionState::kUnchanged, "unchanged"},
     {RegressionState::kRan, "ran"},
     {RegressionState::kBroken, "broken"},
     {RegressionState::kUnfinished, "unfinished"}}};

double ReadFinite(const json& value, const std::string& name) {
  if (!value.is_number() || !std::isfinite(value.get<double>())) {
    throw JsonFault{name + " must be a finite number"};
  }
  return value.get<double>();
}

std::vector<std::string> ReadTexts(const json& value, const std::string& name) {
  std::vector<std::string> texts;
  for (const json& item : ExpectArray(value, name)) texts.push_back(ExpectString(item, name));
  return texts;
}

}  // namespace

json RepeatObject(const RepeatEvidence& repeat) {
  json moved = json::object();
  for (const auto& [name, pair] : repeat.moved) {
    if (!std::isfinite(pair.first) || !std::isfinite(pair.second)) {
      throw Error(Remedy::kNeedsChange, "writing facts: metric " + name + " is no number");
    }
    moved[name] = {{"first", pair.first}, {"second", pair.second}};
  }
  return {{"shuffled", repeat.shuffled},
          {"cases", repeat.cases},
          {"metrics", repeat.metrics},
          {"difference", repeat.difference},
          {"more_moved", repeat.more_moved},
          {"moved", std::move(moved)}};
}

RepeatEvidence ReadRepeat(const json& object) {
  JsonObjectReader reader(object, "step.repeated");
  RepeatEvidence repeat;
  repeat.shuffled = reader.Bool("shuffled");
  repeat.cases = reader.Count("cases", kMaxFactCount);
  repeat.metrics = reader.Count("metrics", kMaxFactCount);
  repeat.difference = reader.String("difference");
  repeat.more_moved = reader.Bool("more_moved");
  for (const auto& item : ExpectObject(reader.Required("moved"), "step.repeated.moved").items()) {
    const std::string name = "step.repeated.moved." + item.key();
    JsonObjectReader pair(item.value(), name);
    MetricPair read;
    read.first = ReadFinite(pair.Required("first"), name + ".first");
    read.second = ReadFinite(pair.Required("second"), name + ".second");
    pair.Finish();
    repeat.moved[item.key()] = read;
  }
  reader.Finish();
  return repeat;
}

json RegressionObject(const RegressionEvidence& regression) {
  return {{"state", WordIn(kRegressionStates, regression.state)},
          {"parent", regression.parent.text()},
          {"running", regression.running},
          {"failed_before", regression.failed_before},
          {"cases", regression.cases},
          {"subjects", regression.subjects},
          {"more_subjects", regression.more_subjects},
          {"detail", regression.detail}};
}

RegressionEvidence ReadRegression(const json& object) {
  JsonObjectReader reader(object, "step.regression");
  RegressionEvidence regression;
  regression.state = ValueIn(kRegressionStates, reader.String("state"), "step.regression");
  regression.parent = CommitId(reader.String("parent"));
  regression.running = reader.String("running");
  regression.failed_before = reader.Count("failed_before", kMaxFactCount);
  regression.cases = ReadTexts(reader.Required("cases"), "step.regression.cases");
  regression.subjects = ReadTexts(reader.Required("subjects"), "step.regression.subjects");
  regression.more_subjects = reader.Bool("more_subjects");
  regression.detail = reader.String("detail");
  reader.Finish();
  return regression;
}

}  // namespace failgate
