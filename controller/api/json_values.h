// How our values become JSON values; for the sources of json.h only.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/clock.h"
#include "controller/base/ids.h"

namespace failgate::wire {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json TextOrNull(std::string_view text);
template <typename Tag>
[[nodiscard]] Json TextOrNull(const StrongText<Tag>& text) {
  return TextOrNull(std::string_view(text.text()));
}
[[nodiscard]] Json TimeOrNull(const std::optional<TimePoint>& time);
/// Milliseconds; null unless both are there.
[[nodiscard]] Json Duration(const std::optional<TimePoint>& from,
                            const std::optional<TimePoint>& to);
[[nodiscard]] Json PersonOrNull(const Person& person);
/// Text that is JSON already, from our own database; null for an empty or broken one.
[[nodiscard]] Json Stored(const std::string& json);
template <typename List>
[[nodiscard]] Json Names(const List& names) {
  Json array = Json::array();
  for (const auto& name : names) {
    array.push_back(name.text());
  }
  return array;
}
/// Compact text; every string in it is redacted first.
[[nodiscard]] std::string Write(Json json);

}  // namespace failgate::wire
