// Coverage of tools that do not know the repository, put on its files.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/evidence/report.h"

namespace failgate {

/// The revision that was measured.
struct SourceTree {
  std::vector<std::string> files;                 ///< all paths
  std::map<std::string, std::string> go_modules;  ///< module path -> its folder, "" for the root
};

struct PlacedCoverage {
  CoverageReport coverage;
  /// A measured file that may be any of several of the repository: nothing can be said of changes.
  std::string ambiguous;
};

/// JaCoCo knows packages, not source roots: the only file that ends with the name, else the only
/// one of those that also lies in a folder named as the module. Go knows import paths: the module
/// says where. What is found nowhere keeps its name, and so do the files of all other dialects.
[[nodiscard]] PlacedCoverage PlaceCoverage(const Report& report, const SourceTree& tree);

/// The path that a go.mod declares; empty = none.
[[nodiscard]] std::string GoModuleOf(std::string_view go_mod);

}  // namespace failgate
