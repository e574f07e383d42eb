// Reading answers for people: what is absent or of another type is empty, never an exception.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace failgate {

/// A string without control characters, a number in digits, "yes" or "no"; else "".
[[nodiscard]] std::string TextField(const nlohmann::json& object, const char* key);
/// nullopt unless it is an integer.
[[nodiscard]] std::optional<long long> NumberField(const nlohmann::json& object, const char* key);
/// The items of an array; empty when it is none.
[[nodiscard]] std::vector<nlohmann::json> ItemsField(const nlohmann::json& object, const char* key);
/// The items of the value itself.
[[nodiscard]] std::vector<nlohmann::json> Items(const nlohmann::json& array);
/// A JSON object, or each of an array, with these keys alone, in the order they are written in;
/// what is no JSON stays as it is.
[[nodiscard]] std::string OnlyFields(const std::string& json, const std::vector<std::string>& keys);
/// The strings of an array field.
[[nodiscard]] std::vector<std::string> TextsField(const nlohmann::json& object, const char* key);

}  // namespace failgate
