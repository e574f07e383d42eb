// A git-lfs pointer: the small file that stands in git for bytes kept elsewhere.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/result.h"

namespace failgate {

/// A pointer is smaller than this (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
inline constexpr std::size_t kLfsPointerBytes = 1024;

struct LfsPointer {
  std::string sha256;  ///< 64 hex digits of the bytes
  long long size = 0;
  bool operator==(const LfsPointer&) const = default;
};

/// Whether the bytes begin as a pointer does; such a file is never data.
[[nodiscard]] bool LooksLikeLfsPointer(std::string_view bytes);

/// Refused: invalid_pointer, for what only looks like one and for pointers with extensions, whose
/// bytes are not those of the file.
[[nodiscard]] Result<LfsPointer> ParseLfsPointer(std::string_view bytes);

/// The pointer as git-lfs writes it.
[[nodiscard]] std::string FormatLfsPointer(const LfsPointer& pointer);

}  // namespace failgate
