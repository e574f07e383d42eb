// Lists inside one text column, as JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/store/delivery_record.h"

namespace failgate {

/// Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string EncodeTexts(const std::vector<std::string>& texts);
[[nodiscard]] std::string EncodeRefs(const std::vector<RefHint>& refs);
/// Throw Error for text these functions did not write.
[[nodiscard]] std::vector<std::string> DecodeTexts(const std::string& json);
[[nodiscard]] HeaderList DecodeHeaders(const std::string& json);
[[nodiscard]] std::vector<RefHint> DecodeRefs(const std::string& json);

}  // namespace failgate
