// Where a step of the directory target lies: its root, its link, its version folder. Pure.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "controller/targets/target.h"

namespace failgate {

/// The folder in each root that belongs to failgate.
inline constexpr const char* kOwnFolder = ".failgate";

struct TargetPlace {
  std::filesystem::path root;  ///< as the server file names it
  std::string parent;          ///< of the link, relative to the root; empty = the root itself
  std::string link;            ///< the link's own name
  std::string pair_folder;     ///< ".failgate/PROJECT/ENVIRONMENT"
  std::string version;         ///< "RELEASE-SPEC"
  /// What the link says: ROOT/.failgate/PROJECT/ENVIRONMENT/VERSION.
  [[nodiscard]] std::string LinkText() const { return LinkTextOf(version); }
  [[nodiscard]] std::string LinkTextOf(const std::string& other_version) const;
};

/// First 12 hex digits of a digest of name, path and artifacts: two steps of one pair differ in it.
[[nodiscard]] std::string StepSpec(const DeployStep& step);

/// "RELEASE-SPEC".
[[nodiscard]] std::string VersionName(const TargetStep& step);

/// ".failgate/PROJECT/ENVIRONMENT"; throws Error(kNeedsChange) for names that are none.
[[nodiscard]] std::string PairFolder(const TargetStep& step);

/// The deepest root that contains the path. Throws Error(kNeedsChange) when there is none, or when
/// the path is not plain or lies in failgate's own folder.
[[nodiscard]] TargetPlace PlaceOf(const TargetStep& step,
                                  const std::vector<std::filesystem::path>& roots);

}  // namespace failgate
