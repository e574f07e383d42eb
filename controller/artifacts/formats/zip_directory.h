// The directory at the end of a zip archive: names and sizes; nothing is unpacked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/artifacts/formats/byte_source.h"
#include "controller/base/result.h"

namespace failgate {

struct ZipEntry {
  std::string name;
  int method = 0;          ///< 0 stored, 8 deflated
  long long packed = 0;    ///< bytes in the archive
  long long unpacked = 0;  ///< as the directory says
  long long offset = 0;    ///< of its local header
};

/// Whether the bytes end as a zip archive ends (a comment may follow).
[[nodiscard]] bool EndsAsZip(const ByteSource& source);

/// Whether a directory of a zip archive lies before the end, whatever follows it: programs look for
/// one in the last 64 KiB and do not mind.
[[nodiscard]] bool HoldsZipNearEnd(const ByteSource& source);

/// At most 100,000 entries and 32 MiB of directory. Refused (code "zip"): a directory that is cut
/// off, larger, or does not fit the archive, names that leave the folder they are unpacked in, two
/// entries of one name, entries that lie over each other.
[[nodiscard]] Result<std::vector<ZipEntry>> ReadZipDirectory(const ByteSource& source);

/// The first bytes of an entry, unpacked, at most `count`; empty when that cannot be done.
[[nodiscard]] std::string ZipEntryHead(const ByteSource& source,
                                       const ZipEntry& entry,
                                       std::size_t count);

/// All bytes of an entry, unpacked; nullopt when they are not exactly as many as the directory says
/// (at most `most`), or it is packed in another way.
[[nodiscard]] std::optional<std::string> ZipEntryBytes(const ByteSource& source,
                                                       const ZipEntry& entry,
                                                       long long most);

}  // namespace failgate
