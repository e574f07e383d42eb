// The beginning of what deflate packed. zlib is seen by deflated.cpp alone.
#pragma once

#include <string>
#include <string_view>

namespace failgate {

enum class Deflated { kRaw, kZlib, kGzip };

/// At most `limit` bytes; what came before a fault or the end of `packed` is given back.
[[nodiscard]] std::string Inflate(std::string_view packed, Deflated kind, std::size_t limit);

}  // namespace failgate
