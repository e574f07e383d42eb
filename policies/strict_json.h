// Reading our own JSON strictly: every key asked for once, none left over. Used by *_json.cpp only.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "controller/base/clock.h"
#include "controller/base/ids.h"

namespace failgate {

/// Thrown and caught inside *_json.cpp; never leaves them.
struct JsonFault {
  std::string text;
};

/// At most 8 MiB and 32 levels; duplicate keys are a fault. Throws JsonFault.
[[nodiscard]] nlohmann::json ParseStrictJson(std::string_view text);
/// Sorted keys, two blanks, one line feed at the end. Throws Error for what JSON cannot say.
[[nodiscard]] std::string CanonicalJson(const nlohmann::json& value);

/// Reads one object; Finish() refuses keys nobody asked for. Throws JsonFault. The object outlives
/// it.
class JsonObjectReader {
 public:
  JsonObjectReader(const nlohmann::json& object, std::string name);
  [[nodiscard]] const nlohmann::json& Required(const std::string& key);
  /// nullptr when absent. null is no value of ours and refused where it is read.
  [[nodiscard]] const nlohmann::json* Optional(const std::string& key);
  [[nodiscard]] std::string String(const std::string& key);
  [[nodiscard]] bool Bool(const std::string& key);
  /// 0 … max.
  [[nodiscard]] long long Count(const std::string& key, long long max);
  /// min … max.
  [[nodiscard]] long long Integer(const std::string& key, long long min, long long max);
  [[nodiscard]] TimePoint Time(const std::string& key);
  [[nodiscard]] std::optional<TimePoint> OptionalTime(const std::string& key);
  void Finish() const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  const nlohmann::json& object_;
  std::string name_;
  std::set<std::string> asked_;
};

/// Throw JsonFault when the value has another type.
[[nodiscard]] const nlohmann::json& ExpectArray(const nlohmann::json& value,
                                                const std::string& name);
[[nodiscard]] const nlohmann::json& ExpectObject(const nlohmann::json& value,
                                                 const std::string& name);
[[nodiscard]] std::string ExpectString(const nlohmann::json& value, const std::string& name);

}  // namespace failgate
