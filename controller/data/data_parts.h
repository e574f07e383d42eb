// The parts of a data version: one for the source itself, one for each source of kind data.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "controller/base/ids.h"

namespace failgate {

/// Between two parts. No name of a file holds it: EscapeDataPath.
inline constexpr std::string_view kDataPartEnd = "; ";

/// The path as a data version shows it: no control character, no ';'.
[[nodiscard]] std::string EscapeDataPath(std::string_view path);

/// `own`, then "NAME@COMMIT" of each source, by name.
[[nodiscard]] std::string JoinDataParts(const std::string& own,
                                        const std::map<SourceName, CommitId>& sources);

/// The revisions of sources of kind data that a data version names.
[[nodiscard]] std::map<SourceName, CommitId> DataSourcesOf(std::string_view data_version);

}  // namespace failgate
