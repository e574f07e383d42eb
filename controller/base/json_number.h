// Whole numbers of JSON that was stored earlier and may have been changed since.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace failgate {

/// What every JSON reader can hold exactly; also leaves room to add to it.
constexpr long long kMaxJsonNumber = (1LL << 53) - 1;

/// The member `key`, which has to be there and to be a whole number of 0 … max: nlohmann's own
/// conversion takes 1e30 and true for a number. Throws Error that names the key.
[[nodiscard]] long long WholeNumber(const nlohmann::json& object,
                                    const char* key,
                                    long long max = kMaxJsonNumber);

}  // namespace failgate
