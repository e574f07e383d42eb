// What a finished run hands to its release: evidence and artifacts, kept with the run in the store.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/artifacts/artifact_record.h"
#include "controller/base/result.h"
#include "policies/facts.h"

namespace failgate {

struct RunResult {
  Evidence evidence;
  std::vector<ArtifactRecord> artifacts;
  bool operator==(const RunResult&) const = default;
};

/// {"evidence": …, "artifacts": […]} with the names of the release record.
[[nodiscard]] std::string RunResultToJson(const RunResult& result);
/// Strict; refusal code "invalid_run_result". An empty text is an empty result.
[[nodiscard]] Result<RunResult> ParseRunResult(std::string_view json);

}  // namespace failgate
