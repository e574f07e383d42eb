// What DVC writes into git: NAME.dvc and dvc.lock name files and folders by their MD5.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.h"

namespace failgate {

/// One output: a file, or a folder whose digest is that of its listing.
struct DvcOut {
  std::string path;  ///< from the root of the source, IsSafeRelativePath
  std::string md5;   ///< 32 hex digits
  bool is_folder = false;
  /// Written by DVC 2: stored under AB/REST, and text was hashed with LF line ends.
  bool former = false;
  std::optional<long long> size = {};  ///< of a file, or of all files of a folder
  bool from_stage = false;  ///< of dvc.lock: where git holds the path itself, git's bytes count
  bool operator==(const DvcOut&) const = default;
};

/// A file of a folder output.
struct DvcEntry {
  std::string path;  ///< below the folder, IsSafeRelativePath
  std::string md5;
  bool operator==(const DvcEntry&) const = default;
};

/// Files over this are none of DVC's, listings apart.
inline constexpr std::size_t kMaxDvcFileBytes = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxDvcListingBytes = std::size_t{64} << 20U;

/// "x.dvc" or "dvc.lock", in any folder.
[[nodiscard]] bool IsDvcFile(std::string_view path);

/// Outputs that the file at `path` names; those without a digest of their own are refused:
/// invalid_dvc with file, line and column.
[[nodiscard]] Result<std::vector<DvcOut>> ParseDvcFile(std::string_view bytes,
                                                       const std::string& path);

/// The JSON list of a folder. Refused: invalid_dvc, for paths that leave it or are there twice.
[[nodiscard]] Result<std::vector<DvcEntry>> ParseDvcListing(std::string_view bytes);

/// "md5:HEX", and ".dir" behind it for a folder.
[[nodiscard]] std::string DigestText(const DvcOut& out);

}  // namespace failgate
