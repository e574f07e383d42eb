// Text in the path or the query of an address.
#pragma once

#include <string>
#include <string_view>

namespace failgate {

/// Everything but unreserved characters (RFC 3986) as %XX.
[[nodiscard]] std::string PercentEncode(std::string_view text);

}  // namespace failgate
