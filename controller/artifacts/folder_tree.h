// Looking at files that a step left in its workspace, without following one link.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/base/result.h"

namespace failgate {

struct FolderEntry {
  enum class Type { kFile, kFolder, kLink };
  std::string path;  ///< relative to the folder, '/' separated
  Type type = Type::kFile;
  long long size = 0;       ///< of a file
  bool executable = false;  ///< of a file
  std::string link_target;
};

struct FolderLimits {
  long long max_bytes = 0;
  long long max_entries = 0;
};

/// Opens `relative` below `folder`, no part of it a link. The descriptor is invalid and errno set
/// when that fails; ELOOP = a link.
[[nodiscard]] FileDescriptor OpenBelow(int folder, std::string_view relative, int flags);

/// Everything in the folder, sorted by path (a folder before what it holds). Refusals of
/// ArtifactStore::Put.
[[nodiscard]] Result<std::vector<FolderEntry>> ListFolder(int folder, const FolderLimits& limits);

/// A link target that stays inside: relative, ".." only in front, and no more of them than the link
/// lies deep (a ".." behind a part that is itself a link could lead anywhere).
[[nodiscard]] bool LinkStaysInside(std::string_view link_path, std::string_view target);

}  // namespace failgate
