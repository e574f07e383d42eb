// The beginning of what bzip2, xz, lzma, lz4 or zstd packed, and what lies in a tar archive.
// libarchive is seen by unpacked.cpp alone.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "controller/artifacts/formats/byte_source.h"
#include "controller/artifacts/formats/deflated.h"

namespace failgate {

enum class Packed { kBzip2, kXz, kLzma, kLz4, kZstd };

/// At most `limit` bytes; what came before a fault or the end of `packed` is given back. Empty also
/// where this machine cannot unpack it. Runs no other program.
[[nodiscard]] std::string UnpackBeginning(std::string_view packed, Packed kind, std::size_t limit);

/// Unpacks to the end, in pieces.
[[nodiscard]] PackedContent MeasureUnpacked(const ByteSource& source, Packed kind, long long most);

/// One entry of a tar archive.
struct TarMember {
  std::string name;
  bool file = false;    ///< a regular file
  bool folder = false;  ///< else a link or a device
  long long size = 0;
  std::string bytes = {};  ///< of a file that is not larger than asked for
};

/// Calls `look` for each entry in order until it returns false. Answers what is wrong with the
/// archive, empty when it was read to its end or `look` had enough. Files larger than `most` come
/// without their bytes.
[[nodiscard]] std::string WalkTar(const ByteSource& source,
                                  long long most,
                                  const std::function<bool(const TarMember&)>& look);

}  // namespace failgate
