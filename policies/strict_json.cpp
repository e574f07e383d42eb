#include "policies/strict_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{8} << 20U;
constexpr int kMaxDepth = 32;
constexpr int kIndent = 2;

}  // namespace

json ParseStrictJson(std::string_view text) {
  if (text.size() > kMaxBytes) throw JsonFault{"the JSON is larger than 8 MiB"};
  std::vector<std::set<std::string>> keys;
  const auto check = [&keys](int depth, json::parse_event_t event, json& value) {
    if (depth > kMaxDepth) throw JsonFault{"the JSON is nested too deeply"};
    if (event == json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == json::parse_event_t::key) {
      const std::string key = value.get<std::string>();
      if (!keys.back().insert(key).second) {
        throw JsonFault{fmt::format("key \"{}\" is there twice", OneLine(key, 80))};
      }
    }
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), check);
  } catch (const json::exception& error) {
    throw JsonFault{OneLine(fmt::format("not valid JSON: {}", error.what()), 200)};
  }
}

std::string CanonicalJson(const json& value) {
  try {
    return value.dump(kIndent) + "\n";
  } catch (const json::exception&) {
    RethrowWithContext("writing JSON");
  }
}

JsonObjectReader::JsonObjectReader(const json& object, std::string name)
    : object_(ExpectObject(object, name)), name_(std::move(name)) {}

const json& JsonObjectReader::Required(const std::string& key) {
  const json* value = Optional(key);
  if (value == nullptr) throw JsonFault{fmt::format("{} needs \"{}\"", name_, key)};
  return *value;
}

const json* JsonObjectReader::Optional(const std::string& key) {
  asked_.insert(key);
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

std::string JsonObjectReader::String(const std::string& key) {
  return ExpectString(Required(key), name_ + "." + key);
}

bool JsonObjectReader::Bool(const std::string& key) {
  const json& value = Required(key);
  if (!value.is_boolean()) {
    throw JsonFault{fmt::format("{}.{} must be true or false", name_, key)};
  }
  return value.get<bool>();
}

long long JsonObjectReader::Count(const std::string& key, long long max) {
  const json& value = Required(key);
  const bool whole = value.is_number_unsigned();
  if (!whole || value.get<unsigned long long>() > static_cast<unsigned long long>(max)) {
    throw JsonFault{fmt::format("{}.{} must be a whole number from 0 to {}", name_, key, max)};
  }
  return value.get<long long>();
}

long long JsonObjectReader::Integer(const std::string& key, long long min, long long max) {
  const json& value = Required(key);
  // Unsigned numbers past the signed ones would wrap: these are the only ones that do.
  const bool wraps = value.is_number_unsigned() &&
                     value.get<unsigned long long>() > static_cast<unsigned long long>(max);
  if (!value.is_number_integer() || wraps || value.get<long long>() < min ||
      value.get<long long>() > max) {
    throw JsonFault{
        fmt::format("{}.{} must be a whole number from {} to {}", name_, key, min, max)};
  }
  return value.get<long long>();
}

TimePoint JsonObjectReader::Time(const std::string& key) {
  const std::optional<TimePoint> time = ParseTime(String(key));
  if (!time) throw JsonFault{fmt::format("{}.{} must be a time (RFC 3339)", name_, key)};
  return *time;
}

std::optional<TimePoint> JsonObjectReader::OptionalTime(const std::string& key) {
  if (Optional(key) == nullptr) return std::nullopt;
  return Time(key);
}

void JsonObjectReader::Finish() const {
  for (const auto& item : object_.items()) {
    if (asked_.count(item.key()) == 0) {
      throw JsonFault{fmt::format("{} has an unknown key \"{}\"", name_, OneLine(item.key(), 80))};
    }
  }
}

const json& ExpectArray(const json& value, const std::string& name) {
  if (!value.is_array()) throw JsonFault{name + " must be a list"};
  return value;
}

const json& ExpectObject(const json& value, const std::string& name) {
  if (!value.is_object()) throw JsonFault{name + " must be an object"};
  return value;
}

std::string ExpectString(const json& value, const std::string& name) {
  if (!value.is_string()) throw JsonFault{name + " must be a text"};
  return value.get<std::string>();
}

}  // namespace failgate
