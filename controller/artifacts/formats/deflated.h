// The beginning of what deflate packed. zlib is seen by deflated.cpp alone.
#pragma once

#include <string>
#include <string_view>

#include "controller/artifacts/formats/byte_source.h"

namespace failgate {

enum class Deflated { kRaw, kZlib, kGzip };

/// At most `limit` bytes; what came before a fault or the end of `packed` is given back.
[[nodiscard]] std::string Inflate(std::string_view packed, Deflated kind, std::size_t limit);

/// What a whole packed file holds.
struct PackedContent {
  bool known = true;     ///< false: this machine cannot unpack it
  bool whole = false;    ///< to the end of the packing
  bool endless = false;  ///< more than `most`, and not read further
  long long bytes = 0;
  char last = '\0';  ///< the last byte, when there is one
};

/// Unpacks to the end, in pieces of a few KiB; of one or several streams behind each other.
[[nodiscard]] PackedContent MeasureDeflated(const ByteSource& source,
                                            Deflated kind,
                                            long long most);

}  // namespace failgate
