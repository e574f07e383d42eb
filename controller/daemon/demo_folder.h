// Where the demo lies on the disk, and the files of the tree that it starts from.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/durable_file.h"

namespace failgate {

/// A folder of the demo's own. The one it chose itself is removed at the end, a given one stays.
class DemoFolder {
 public:
  /// Empty `wanted`: a new folder below $TMPDIR or /tmp. Throws Error(kNeedsChange) when `wanted`
  /// holds something already, is no folder, or has blanks or quotes in its path.
  explicit DemoFolder(const std::filesystem::path& wanted);

  /// Absolute, without symbolic links.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] bool temporary() const { return temporary_ != nullptr; }

 private:
  std::unique_ptr<TemporaryFolder> temporary_;
  std::filesystem::path path_;
};

/// "@NAME@" and what stands there instead.
using DemoPlaceholders = std::vector<std::pair<std::string, std::string>>;

/// Writes the carried files below `part` ("churn", "pushes/broken") into `to`.
void UnpackDemoFiles(std::string_view part,
                     const std::filesystem::path& to,
                     const DemoPlaceholders& placeholders = {});

}  // namespace failgate
