// Payload bodies outside the database: zstd frames appended to segment files, one fdatasync a
// batch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/base/guarded.h"

namespace failgate {

/// Where a body lies. Numbers of segments are never used twice.
struct BodyPlace {
  long long segment = 0;
  long long offset = 0;
  long long stored_bytes = 0;
};

/// Append and Sync are for one thread; Read, Segments and Remove for any.
class BodySegments {
 public:
  /// Makes the folder when absent; writing starts in a new segment.
  BodySegments(std::filesystem::path folder, std::size_t segment_bytes);
  ~BodySegments();
  BodySegments(const BodySegments&) = delete;
  BodySegments& operator=(const BodySegments&) = delete;

  /// Compresses and appends all, then fdatasync. Throws Error; nothing of the batch may be referred
  /// to then, and the next call writes to a new segment.
  std::vector<BodyPlace> Append(const std::vector<std::string_view>& bodies);
  /// The body, decompressed; throws Error when it cannot be read or is larger than `body_bytes`.
  [[nodiscard]] std::string Read(const BodyPlace& place, std::size_t body_bytes) const;
  /// The segment being written. Later ones may appear at any time.
  [[nodiscard]] long long Writing() const { return *writing_.Lock(); }
  /// Removes the segments below `end` that are not in `used`. Ask Writing() for `end` before asking
  /// who uses what, else a segment filled in between would count as unused.
  void RemoveUnused(const std::set<long long>& used, long long end);

 private:
  struct Compressor;
  struct Current {
    FileDescriptor file;
    long long number = 0;
    long long size = 0;
  };
  void OpenNext();
  [[nodiscard]] std::filesystem::path PathOf(long long segment) const;
  std::filesystem::path folder_;
  long long segment_bytes_;
  std::unique_ptr<Compressor> compressor_;
  std::string buffer_;
  Current current_;
  Guarded<long long> writing_;  ///< number of the segment being written, for Writing
};

}  // namespace failgate
