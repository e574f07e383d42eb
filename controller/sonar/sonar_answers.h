// What a SonarQube server answers, read strictly. Pure. Source: its web API,
// api/project_analyses/search and api/qualitygates/project_status.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"

namespace failgate {

struct SonarAnalysis {
  std::string key;
  CommitId revision;  ///< empty: the server does not say
  std::optional<TimePoint> at = {};
};

/// One page of a project's analyses, newest first.
struct SonarAnalyses {
  std::vector<SonarAnalysis> analyses;
  long long total = 0;  ///< on all pages
};
/// Refused (`sonar_answer`): what is not of the documented shape.
[[nodiscard]] Result<SonarAnalyses> ReadSonarAnalyses(std::string_view json);

struct SonarStatus {
  std::string status;               ///< as it stands there, one line
  std::vector<std::string> failed;  ///< "coverage 71.2 is under 80", sorted, the first of them
  long long more_failed = 0;
};
/// Refused as above.
[[nodiscard]] Result<SonarStatus> ReadSonarStatus(std::string_view json);

}  // namespace failgate
