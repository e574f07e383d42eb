#include "controller/cli/json_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/base/text.h"

namespace failgate {
namespace {

std::string Shown(const nlohmann::json& value) {
  if (value.is_string()) {
    return EscapeControls(value.get_ref<const std::string&>());
  }
  if (value.is_boolean()) {
    return value.get<bool>() ? "yes" : "no";
  }
  return value.is_number() ? value.dump() : std::string();
}

void KeepFields(nlohmann::ordered_json& object, const std::vector<std::string>& keys) {
  if (!object.is_object()) {
    return;
  }
  auto kept = nlohmann::ordered_json::object();
  for (const auto& field : object.items()) {
    if (std::find(keys.begin(), keys.end(), field.key()) != keys.end()) {
      kept[field.key()] = std::move(field.value());
    }
  }
  object = std::move(kept);
}

}  // namespace

std::string TextField(const nlohmann::json& object, const char* key) {
  const bool there = object.is_object() && object.contains(key);
  return there ? Shown(object[key]) : std::string();
}

std::optional<long long> NumberField(const nlohmann::json& object, const char* key) {
  const bool there = object.is_object() && object.contains(key);
  if (!there || !object[key].is_number_integer()) {
    return std::nullopt;
  }
  return object[key].get<long long>();
}

std::vector<nlohmann::json> ItemsField(const nlohmann::json& object, const char* key) {
  const bool there = object.is_object() && object.contains(key);
  return there ? Items(object[key]) : std::vector<nlohmann::json>();
}

std::vector<nlohmann::json> Items(const nlohmann::json& array) {
  std::vector<nlohmann::json> items;
  if (array.is_array()) {
    items.assign(array.begin(), array.end());
  }
  return items;
}

std::string OnlyFields(const std::string& json, const std::vector<std::string>& keys) {
  auto parsed = nlohmann::ordered_json::parse(json, nullptr, false);
  if (parsed.is_discarded()) {
    return json;
  }
  if (parsed.is_array()) {
    for (auto& item : parsed) {
      KeepFields(item, keys);
    }
  } else {
    KeepFields(parsed, keys);
  }
  return parsed.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<std::string> TextsField(const nlohmann::json& object, const char* key) {
  std::vector<std::string> texts;
  for (const nlohmann::json& item : ItemsField(object, key)) {
    texts.push_back(Shown(item));
  }
  return texts;
}

}  // namespace failgate
