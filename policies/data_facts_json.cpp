#include <nlohmann/json.hpp>
#include <utility>

#include "policies/data_facts_object.h"
#include "policies/facts.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using nlohmann::json;

json TableObject(const DataTable& table) {
  json columns = json::object();
  for (const auto& [name, column] : table.columns) {
    columns[name] = {{"type", column.type}, {"nulls", column.nulls}};
  }
  return {{"rows", table.rows}, {"columns", std::move(columns)}};
}

DataTable ReadTable(const json& object) {
  JsonObjectReader reader(object, "data.table");
  DataTable table;
  table.rows = reader.Count("rows", kMaxFactCount);
  for (const auto& item : ExpectObject(reader.Required("columns"), "data.table.columns").items()) {
    JsonObjectReader column(item.value(), "data.table.column");
    DataColumn read;
    read.type = column.String("type");
    read.nulls = column.Count("nulls", kMaxFactCount);
    column.Finish();
    table.columns[item.key()] = std::move(read);
  }
  reader.Finish();
  return table;
}

}  // namespace

json DataObjectsObject(const DataObjects& objects) {
  return {{"count", objects.count}, {"bytes", objects.bytes}};
}

DataObjects ReadDataObjects(const json& object) {
  JsonObjectReader reader(object, "data.objects");
  DataObjects objects;
  objects.count = reader.Count("count", kMaxFactCount);
  objects.bytes = reader.Count("bytes", kMaxFactCount);
  reader.Finish();
  return objects;
}

json DataEvidenceObject(const DataEvidence& data) {
  json object = json::object();
  if (data.objects) object["objects"] = DataObjectsObject(*data.objects);
  if (data.table) object["table"] = TableObject(*data.table);
  return object;
}

DataEvidence ReadDataEvidence(const json& object) {
  JsonObjectReader reader(object, "data");
  DataEvidence data;
  if (const json* objects = reader.Optional("objects"); objects != nullptr) {
    data.objects = ReadDataObjects(*objects);
  }
  if (const json* table = reader.Optional("table"); table != nullptr) {
    data.table = ReadTable(*table);
  }
  reader.Finish();
  return data;
}

json ChampionDataObject(const ChampionDataFact& champion) {
  json columns = json::object();
  for (const auto& [name, type] : champion.columns) columns[name] = type;
  return {{"release", champion.release}, {"columns", std::move(columns)}};
}

ChampionDataFact ReadChampionData(const json& object) {
  JsonObjectReader reader(object, "champion_data");
  ChampionDataFact champion;
  champion.release = reader.String("release");
  for (const auto& item :
       ExpectObject(reader.Required("columns"), "champion_data.columns").items()) {
    champion.columns[item.key()] = ExpectString(item.value(), "champion_data.column");
  }
  reader.Finish();
  return champion;
}

}  // namespace failgate
