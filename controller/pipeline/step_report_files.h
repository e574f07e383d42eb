// The declared reports of a step: read from its workspace, judged, kept until the run has ended.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controller/evidence/report.h"
#include "controller/pipeline/pipeline_file.h"
#include "controller/pipeline/step_result.h"

namespace failgate {

struct CollectedReports {
  std::vector<StoredReport> stored;
  TestCounts tests;
  std::optional<std::string> fault;  ///< the first report that is missing, malformed or not green
};

/// Reads every report below `workspace` (which the step saw as `inside`) and keeps the good ones in
/// `keep`, a folder made anew. Throws Error when the disk fails.
[[nodiscard]] CollectedReports CollectReports(const std::filesystem::path& workspace,
                                              const std::string& inside,
                                              const ReportPaths& declared,
                                              const std::filesystem::path& keep);

/// The kept reports of a step, parsed again; nullopt when one is gone or differs.
[[nodiscard]] std::optional<std::vector<Report>> LoadReports(const std::filesystem::path& kept,
                                                             const StepResult& result);

}  // namespace failgate
