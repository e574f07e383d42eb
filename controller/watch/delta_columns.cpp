#include "controller/watch/delta_columns.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace failgate {
namespace {

using Json = nlohmann::json;

std::string TextOf(const Json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_string() ? value->get<std::string>() : "";
}

bool MapsColumns(const Json& metadata) {
  const auto configuration = metadata.find("configuration");
  if (configuration == metadata.end() || !configuration->is_object()) return false;
  const std::string mode = TextOf(*configuration, "delta.columnMapping.mode");
  return !mode.empty() && mode != "none";
}

/// The name of `field` when files have another one for it.
std::optional<std::string> NameIfRenamed(const Json& field) {
  const auto metadata = field.find("metadata");
  if (metadata == field.end() || !metadata->is_object()) return std::nullopt;
  const std::string physical = TextOf(*metadata, "delta.columnMapping.physicalName");
  const std::string name = TextOf(field, "name");
  if (physical.empty() || physical == name) return std::nullopt;
  return name;
}

}  // namespace

Result<std::optional<std::string>> RenamedColumn(const Json& metadata) {
  if (!MapsColumns(metadata)) return std::optional<std::string>();
  const Json schema = Json::parse(TextOf(metadata, "schemaString"), nullptr, false);
  if (!schema.is_object()) return Refusal{"delta_unreadable", "metaData has no schema"};
  std::vector<const Json*> types{&schema};
  while (!types.empty()) {
    const Json& type = *types.back();
    types.pop_back();
    if (!type.is_object()) continue;  // a plain one, such as "long"
    for (const char* inner : {"type", "elementType", "keyType", "valueType"}) {
      if (const auto found = type.find(inner); found != type.end()) types.push_back(&*found);
    }
    const auto fields = type.find("fields");
    if (fields == type.end() || !fields->is_array()) continue;
    for (const Json& field : *fields) {
      if (!field.is_object()) return Refusal{"delta_unreadable", "a field is no object"};
      if (auto name = NameIfRenamed(field)) return name;
      types.push_back(&field);
    }
  }
  return std::optional<std::string>();
}

}  // namespace failgate
