// Reading an enum back from its word, for the stores' own columns.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/error.h"

namespace failgate {

/// The value among `all` whose Word() is `word`.
template <typename Enum, typename List>
[[nodiscard]] std::optional<Enum> FindWord(const List& all, std::string_view word) {
  for (const Enum value : all) {
    if (Word(value) == word) return value;
  }
  return std::nullopt;
}

/// For columns that only this program writes.
template <typename Enum>
[[nodiscard]] Enum MustParse(std::optional<Enum> value, std::string_view column) {
  Check(value.has_value(), "the database holds a known word in " + std::string(column));
  return *value;
}

}  // namespace failgate
