// States as words of JSON: tables of pairs, both ways. Used by *_json.cpp only.
#pragma once

#include <string>

#include "controller/base/error.h"
#include "policies/strict_json.h"

namespace failgate {

template <typename Table, typename Value>
[[nodiscard]] std::string WordIn(const Table& table, Value value) {
  for (const auto& [known, word] : table) {
    if (known == value) return word;
  }
  throw Error(Remedy::kNeedsChange, "writing facts: a state without a word");
}

/// Throws JsonFault for a word that is not in the table.
template <typename Table>
[[nodiscard]] auto ValueIn(const Table& table, const std::string& word, const std::string& name) {
  for (const auto& [value, known] : table) {
    if (word == known) return value;
  }
  throw JsonFault{name + ".state is no state"};
}

}  // namespace failgate
