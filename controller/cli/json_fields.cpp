#include "controller/cli/json_fields.h"

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

std::vector<std::string> TextsField(const nlohmann::json& object, const char* key) {
  std::vector<std::string> texts;
  for (const nlohmann::json& item : ItemsField(object, key)) {
    texts.push_back(Shown(item));
  }
  return texts;
}

}  // namespace failgate
