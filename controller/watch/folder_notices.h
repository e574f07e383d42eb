// The kernel's notices of changes in a tree of folders (inotify).
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "controller/base/clock.h"
#include "controller/base/durable_file.h"

namespace failgate {

/// Names that were told of since the last look, relative to the root, '/' separated.
struct Notices {
  std::set<std::string> arrived;  ///< by rename
  std::set<std::string> changed;  ///< written, closed, given other times, or gone
  bool lost = false;              ///< notices were lost, or folders came or went: look at all
};

/// Not thread-safe, but for Wake.
class FolderNotices {
 public:
  explicit FolderNotices(std::filesystem::path root);

  /// Watches a folder below the root ("" = the root); again is harmless. False: it is not there, or
  /// the kernel watches no more folders (`limit` then says so).
  bool Add(const std::string& folder, bool& limit);
  /// Waits for a notice, a Wake or the end of `timeout`.
  void Wait(Milliseconds timeout);
  /// Lets more notices come; a Wake ends it.
  void Rest(Milliseconds time);
  /// Ends a Wait. Thread-safe.
  void Wake();
  /// What came until now; never waits.
  [[nodiscard]] Notices Take();
  /// Forgets all folders: the root is another one now.
  void Reset();

 private:
  std::filesystem::path root_;
  FileDescriptor notices_;
  FileDescriptor wake_;
  std::map<int, std::string> folders_;  ///< by the kernel's number
};

}  // namespace failgate
