// Text in the query of an address.
#pragma once

#include <string>
#include <string_view>

namespace failgate {

/// What is not letter, digit or one of "-._~" is written %XX.
[[nodiscard]] std::string PercentEncode(std::string_view text);

}  // namespace failgate
