// Facts as JSON text, for decision records and auditors.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/result.h"
#include "policies/facts.h"

namespace failgate {

/// Canonical: sorted keys, two blanks, one line feed at the end. Throws Error for numbers that are
/// not finite and text that is not UTF-8.
[[nodiscard]] std::string FactsToJson(const Facts& facts);
/// Strict: unknown, missing and duplicate keys, wrong types, counts out of range are refused
/// (code "invalid_facts").
[[nodiscard]] Result<Facts> FactsFromJson(std::string_view text);

}  // namespace failgate
