// What a tree in a workspace holds in place of data.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/result.h"
#include "controller/data/lfs_pointer.h"

namespace failgate {

struct PointerFile {
  std::filesystem::path path;
  LfsPointer pointer;
  bool executable = false;
};

struct TreeFindings {
  std::vector<PointerFile> pointers;
  std::vector<std::string> dvc_files;  ///< from the root, sorted
  std::optional<Refusal> refusal;
};

/// Every git-lfs pointer and DVC file below `root`; links are not followed. A pointer that cannot
/// be read is the refusal, with its path.
[[nodiscard]] TreeFindings LookAtTree(const std::filesystem::path& root);

}  // namespace failgate
