// A folder as one deterministic archive (GNU tar, compressed by zstd), and back. libarchive is seen
// by folder_archive.cpp alone.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controller/artifacts/contents_tally.h"
#include "controller/artifacts/folder_tree.h"
#include "controller/artifacts/materialised_file.h"
#include "controller/artifacts/staged_object.h"
#include "controller/base/result.h"

namespace failgate {

/// Entries in their order, times 0, owners 0, modes 0755 and 0644 only: equal content gives equal
/// bytes (with one version of libzstd). Refused: a file that changed since it was listed, a pointer
/// instead of data (data_pointer.h). What each file is is counted in `tally`.
[[nodiscard]] std::optional<Refusal> PackFolder(int folder,
                                                const std::vector<FolderEntry>& entries,
                                                StagedObject& staged,
                                                ContentsTally& tally);

/// Unpacks into the existing empty folder; never writes outside of it, whatever the archive says.
/// With `synced` all is on the disk at the end. Throws Error for an archive PackFolder did not
/// make.
std::vector<MaterialisedFile> UnpackFolder(int archive_file,
                                           const std::filesystem::path& folder,
                                           bool synced);

}  // namespace failgate
