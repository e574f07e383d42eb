// The files of the journal: numbered segments in one folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/durable_file.h"

namespace failgate {

/// Names, makes, measures and removes segments; knows nothing of records. Thread-safe.
class JournalFolder {
 public:
  /// Makes the folder (0700) when absent.
  explicit JournalFolder(std::filesystem::path folder);

  [[nodiscard]] std::filesystem::path PathOf(long long segment) const;
  /// Ascending.
  [[nodiscard]] std::vector<long long> Segments() const;
  struct NewSegment {
    FileDescriptor file;          ///< open for writing
    long long written_bytes = 0;  ///< zeros stand up to here: a sync of bytes that overwrite them
                                  ///< has no size and no extents to record
    bool direct = false;          ///< past the page cache: writes are whole pages of PageBytes
  };
  /// A new segment with its header and `written_bytes` of zeros; durable, folder entry included.
  /// Direct when there are zeros and the file system can do it.
  [[nodiscard]] NewSegment Create(long long segment, long long written_bytes) const;
  /// Bytes on disk of a segment; 0 when it is not there.
  [[nodiscard]] long long BytesOf(long long segment) const;
  /// Of all segments together.
  [[nodiscard]] long long Bytes() const;
  void Remove(long long segment) const;

 private:
  std::filesystem::path folder_;
};

/// What a segment with records begins with; one without it holds bodies only (of older versions).
inline constexpr std::string_view kSegmentHeader = "failgate journal 1 of deliveries";

/// Reads up to `count` bytes at `offset`; fewer at the end of the file. Throws Error.
[[nodiscard]] std::string ReadAt(int file,
                                 long long offset,
                                 std::size_t count,
                                 std::string_view object);
/// Throws Error.
void WriteAt(int file, long long offset, std::string_view bytes, std::string_view object);

}  // namespace failgate
