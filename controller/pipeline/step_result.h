// What a finished step leaves for the steps after it and for the evidence of its run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/artifacts/artifact_record.h"
#include "controller/base/result.h"
#include "controller/evidence/report.h"
#include "controller/pipeline/outputs.h"
#include "policies/facts.h"

namespace failgate {

/// A report that was read and kept, byte for byte, until the run has ended.
struct StoredReport {
  ReportKind kind = ReportKind::kTests;
  std::string path;    ///< in the workspace
  std::string file;    ///< name in the folder of the step's kept reports
  std::string sha256;  ///< 64 hex digits of its bytes
  bool operator==(const StoredReport&) const = default;
};

struct StepArtifact {
  ArtifactRecord record;
  std::string path;  ///< in the workspace, expressions replaced
  bool operator==(const StepArtifact&) const = default;
};

struct StepResult {
  std::string workspace;  ///< the folder as the step saw it, for absolute paths in reports
  std::string limits;     ///< how the limits were kept, for people
  TestCounts tests;       ///< over all reports
  std::vector<StoredReport> reports;
  StepOutputs outputs;
  std::vector<StepArtifact> artifacts;
  std::optional<RepeatEvidence> repeated = {};
  std::optional<RegressionEvidence> regression = {};
  ReleaseName champion = {};  ///< whose artifacts lay in FAILGATE_CHAMPION; empty = nobody's
  std::optional<DataObjects> data = {};  ///< nullopt: of a former version
  bool operator==(const StepResult&) const = default;
};

/// {"workspace", "limits", "tests": {"passed", "failed", "errors", "skipped"}, "reports": […],
///  "outputs": {…}, "artifacts": […]} and, when there are, "repeated", "regression", "champion" and
///  "data"
[[nodiscard]] std::string StepResultToJson(const StepResult& result);
/// Strict; refusal code "invalid_step_result". An empty text is an empty result.
[[nodiscard]] Result<StepResult> ParseStepResult(std::string_view json);

}  // namespace failgate
