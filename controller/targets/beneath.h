// Folders below an opened root, reached part by part without following any link: nobody who can
// write below the root can lead us out of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/base/durable_file.h"

namespace failgate {

/// The root itself may be reached over links: the server file names it. Throws
/// Error(kNeedsChange) when it is no folder.
[[nodiscard]] FileDescriptor OpenRoot(const std::filesystem::path& root);

/// Where a walk below the root ended.
struct FolderBeneath {
  FileDescriptor folder;   ///< valid: it is there
  std::string in_the_way;  ///< relative path of a link or file that stands where a folder must be
  [[nodiscard]] bool Absent() const { return !folder.valid() && in_the_way.empty(); }
};

/// `relative`: '/' separated, empty = the root itself. Throws Error for failures of the disk.
[[nodiscard]] FolderBeneath OpenBeneath(int root, const std::string& relative);
/// The same, and makes what is missing (mode 0755, durably).
[[nodiscard]] FolderBeneath MakeBeneath(int root, const std::string& relative);

/// A file that is no link, for reading; invalid when there is none of this name.
[[nodiscard]] FileDescriptor OpenFileIn(int folder, const std::string& name);

/// A path that leads to `name` in the opened folder, whatever its own path has become.
[[nodiscard]] std::filesystem::path PathThrough(int folder, const std::string& name = {});

}  // namespace failgate
