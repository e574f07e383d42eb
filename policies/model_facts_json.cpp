// What was measured of a model <-> JSON objects.
#include <nlohmann/json.hpp>

#include "policies/facts_object.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using nlohmann::json;

json SchemaObject(const std::vector<SchemaField>& schema) {
  json fields = json::array();
  for (const SchemaField& field : schema) {
    fields.push_back({{"name", field.name}, {"type", field.type}});
  }
  return fields;
}

std::vector<SchemaField> ReadSchema(const json& value, const std::string& name) {
  std::vector<SchemaField> schema;
  for (const json& item : ExpectArray(value, name)) {
    JsonObjectReader reader(item, name);
    SchemaField field;
    field.name = reader.String("name");
    field.type = reader.String("type");
    reader.Finish();
    schema.push_back(std::move(field));
  }
  if (schema.empty()) throw JsonFault{name + " must not be empty"};
  return schema;
}

json CasesObject(const ConsistencyFigures::Cases& cases) {
  return {{"passed", cases.passed}, {"failed", cases.failed}};
}

ConsistencyFigures::Cases ReadCases(const json& object, const std::string& name) {
  JsonObjectReader reader(object, name);
  ConsistencyFigures::Cases cases;
  cases.passed = reader.Count("passed", kMaxFactCount);
  cases.failed = reader.Count("failed", kMaxFactCount);
  reader.Finish();
  return cases;
}

std::map<std::string, std::string> ReadDigests(const json& object, const std::string& name) {
  std::map<std::string, std::string> digests;
  for (const auto& item : ExpectObject(object, name).items()) {
    digests[item.key()] = ExpectString(item.value(), name + "." + item.key());
  }
  return digests;
}

}  // namespace

json ConsistencyObject(const ConsistencyFigures& figures) {
  json object = json::object();
  if (figures.predictions) {
    object["predictions"] = {{"compared", figures.predictions->compared},
                             {"different", figures.predictions->different}};
  }
  if (figures.invariance) object["invariance"] = CasesObject(*figures.invariance);
  if (figures.direction) object["direction"] = CasesObject(*figures.direction);
  if (!figures.schema.empty()) object["schema"] = SchemaObject(figures.schema);
  if (!figures.champion_schema.empty()) {
    object["champion_schema"] = SchemaObject(figures.champion_schema);
  }
  if (!figures.rerun.empty()) object["rerun"] = MetricsObject(figures.rerun);
  return object;
}

ConsistencyFigures ReadConsistency(const json& object, const std::string& name) {
  JsonObjectReader reader(object, name);
  ConsistencyFigures figures;
  if (const json* predictions = reader.Optional("predictions"); predictions != nullptr) {
    JsonObjectReader inside(*predictions, name + ".predictions");
    ConsistencyFigures::Predictions read;
    read.compared = inside.Count("compared", kMaxFactCount);
    read.different = inside.Count("different", kMaxFactCount);
    inside.Finish();
    figures.predictions = read;
  }
  if (const json* cases = reader.Optional("invariance"); cases != nullptr) {
    figures.invariance = ReadCases(*cases, name + ".invariance");
  }
  if (const json* cases = reader.Optional("direction"); cases != nullptr) {
    figures.direction = ReadCases(*cases, name + ".direction");
  }
  if (const json* schema = reader.Optional("schema"); schema != nullptr) {
    figures.schema = ReadSchema(*schema, name + ".schema");
  }
  if (const json* schema = reader.Optional("champion_schema"); schema != nullptr) {
    figures.champion_schema = ReadSchema(*schema, name + ".champion_schema");
  }
  if (const json* rerun = reader.Optional("rerun"); rerun != nullptr) {
    figures.rerun = MetricsFromObject(*rerun, name + ".rerun");
    if (figures.rerun.empty()) throw JsonFault{name + ".rerun must not be empty"};
  }
  reader.Finish();
  return figures;
}

json MeasurementObject(const StepMeasurement& measured) {
  json object = {{"step", measured.step},
                 {"metrics", MetricsObject(measured.metrics)},
                 {"champion", measured.champion.text()}};
  if (!measured.measured_for.empty()) object["measured_for"] = measured.measured_for.text();
  if (measured.repeated) {
    object["repeated"] = {{"metrics", measured.repeated->metrics},
                          {"difference", measured.repeated->difference}};
  }
  if (measured.consistency) object["consistency"] = ConsistencyObject(*measured.consistency);
  return object;
}

StepMeasurement ReadMeasurement(const json& object) {
  JsonObjectReader reader(object, "measured");
  StepMeasurement measured;
  measured.step = reader.String("step");
  measured.metrics = MetricsFromObject(reader.Required("metrics"), "measured.metrics");
  measured.champion = ReleaseName(reader.String("champion"));
  if (const json* release = reader.Optional("measured_for"); release != nullptr) {
    measured.measured_for = ReleaseName(ExpectString(*release, "measured.measured_for"));
    if (measured.measured_for.empty()) throw JsonFault{"measured.measured_for must not be empty"};
  }
  if (const json* consistency = reader.Optional("consistency"); consistency != nullptr) {
    measured.consistency = ReadConsistency(*consistency, "measured.consistency");
  }
  if (const json* repeated = reader.Optional("repeated"); repeated != nullptr) {
    JsonObjectReader inside(*repeated, "measured.repeated");
    StepMeasurement::Repeated read;
    read.metrics = inside.Count("metrics", kMaxFactCount);
    read.difference = inside.String("difference");
    inside.Finish();
    measured.repeated = std::move(read);
  }
  reader.Finish();
  return measured;
}

json ModelFactsObject(const ModelFacts& models) {
  json object = {{"trained", json::object()}, {"champion_trained", json::object()}};
  for (const auto& [name, digest] : models.trained) object["trained"][name] = digest;
  for (const auto& [name, digest] : models.champion_trained) {
    object["champion_trained"][name] = digest;
  }
  if (!models.champion_schema.empty()) {
    object["champion_schema"] = SchemaObject(models.champion_schema);
  }
  if (!models.champion_slices.empty()) object["champion_slices"] = models.champion_slices;
  return object;
}

ModelFacts ReadModelFacts(const json& object) {
  JsonObjectReader reader(object, "models");
  ModelFacts models;
  models.trained = ReadDigests(reader.Required("trained"), "models.trained");
  models.champion_trained =
      ReadDigests(reader.Required("champion_trained"), "models.champion_trained");
  if (const json* schema = reader.Optional("champion_schema"); schema != nullptr) {
    models.champion_schema = ReadSchema(*schema, "models.champion_schema");
  }
  if (const json* slices = reader.Optional("champion_slices"); slices != nullptr) {
    for (const json& slice : ExpectArray(*slices, "models.champion_slices")) {
      models.champion_slices.push_back(ExpectString(slice, "models.champion_slices"));
    }
    if (models.champion_slices.empty()) throw JsonFault{"models.champion_slices must not be empty"};
  }
  reader.Finish();
  return models;
}

}  // namespace failgate
