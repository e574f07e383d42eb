// Small files that stand for data kept elsewhere: a release must hold the data, not the pointer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace failgate {

/// Pointers are smaller than this; longer files need not be looked at.
inline constexpr std::size_t kMaxPointerBytes = 64U << 10U;

/// What the bytes are instead of data ("a git-lfs pointer", "a DVC file"); nullopt for anything
/// else.
[[nodiscard]] std::optional<std::string> DescribePointer(std::string_view file_name,
                                                         std::string_view bytes);

}  // namespace failgate
