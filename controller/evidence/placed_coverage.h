// Coverage of tools that do not know the repository, put on its files.
#pragma once

#include <string>
#include <vector>

#include "controller/evidence/report.h"

namespace failgate {

/// Gives each measured file the name of the one in the repository that it is: itself; else the only
/// one that ends with it (JaCoCo knows packages, not source roots); else the longest end of it that
/// is one (Go knows import paths). What is none of these keeps its name. `files` are all paths of
/// the revision.
[[nodiscard]] CoverageReport PlaceCoverage(const CoverageReport& coverage,
                                           const std::vector<std::string>& files);

}  // namespace failgate
