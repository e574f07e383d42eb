// Everything that lies in a version folder, as the file system tells it; no bytes are read.
#pragma once

#include <compare>
#include <string>
#include <vector>

namespace failgate {

/// What changes when a file changes: equal stamps mean that the bytes need not be read again.
struct FileStamp {
  long long size = 0;
  long long mtime_ns = 0;
  long long ctime_ns = 0;
  unsigned long long inode = 0;
  bool operator==(const FileStamp&) const = default;
};

enum class EntryKind { kFile, kFolder, kLink, kOther };

struct ListedEntry {
  std::string path;  ///< relative, '/' separated
  EntryKind kind = EntryKind::kFile;
  unsigned mode = 0;  ///< permission bits
  FileStamp stamp;
  std::string link_target;
};

/// Names of all entries, unsorted. `object` is for the error text.
[[nodiscard]] std::vector<std::string> NamesIn(int folder, const std::string& object);

/// Sorted by path. Links are listed, not followed. Stops after `max_entries` entries: the caller
/// knows then that there are too many. Throws Error when something cannot be read.
[[nodiscard]] std::vector<ListedEntry> ListFolder(int folder, std::size_t max_entries);

}  // namespace failgate
