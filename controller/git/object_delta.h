// What one object is beside a similar one, in the form of git's packs. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace failgate {

/// Instructions that make `target` of `base`. Small when both begin and end alike, wherever they
/// are large; of a base up to 64 KiB also what moved inside is found again.
[[nodiscard]] std::string MakeObjectDelta(std::string_view base, std::string_view target);

/// How many bytes both begin with, and end with.
[[nodiscard]] std::size_t CommonPrefix(std::string_view a, std::string_view b);
[[nodiscard]] std::size_t CommonSuffix(std::string_view a, std::string_view b);

}  // namespace failgate
