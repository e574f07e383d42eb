#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "controller/base/text.h"
#include "controller/pipeline/step_result.h"
#include "controller/release/artifact_object.h"
#include "policies/data_facts_object.h"
#include "policies/facts_object.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

Json CountsObject(const TestCounts& counts) {
  Json object = Json::object();
  object["passed"] = counts.passed;
  object["failed"] = counts.failed;
  object["errors"] = counts.errors;
  object["skipped"] = counts.skipped;
  return object;
}

TestCounts ReadCounts(const Json& json) {
  JsonObjectReader reader(json, "tests");
  TestCounts counts;
  counts.passed = reader.Count("passed", kMaxFactCount);
  counts.failed = reader.Count("failed", kMaxFactCount);
  counts.errors = reader.Count("errors", kMaxFactCount);
  counts.skipped = reader.Count("skipped", kMaxFactCount);
  reader.Finish();
  return counts;
}

ReportKind ReadKind(const std::string& word) {
  for (const ReportKind kind : {ReportKind::kTests,
                                ReportKind::kCoverage,
                                ReportKind::kMetrics,
                                ReportKind::kConsistency,
                                ReportKind::kData}) {
    if (ToText(kind) == word) {
      return kind;
    }
  }
  throw JsonFault{"kind must be tests, coverage, metrics, consistency or data"};
}

StoredReport ReadStoredReport(const Json& json) {
  JsonObjectReader reader(json, "report");
  StoredReport report;
  report.kind = ReadKind(reader.String("kind"));
  report.path = reader.String("path");
  report.file = reader.String("file");
  report.sha256 = reader.String("sha256");
  reader.Finish();
  return report;
}

StepArtifact ReadStepArtifact(const Json& json) {
  JsonObjectReader reader(json, "artifact");
  StepArtifact artifact;
  artifact.path = reader.String("path");
  artifact.record = ReadArtifact(reader.Required("record"));
  reader.Finish();
  CheckArtifact(artifact.record);
  return artifact;
}

StepResult ReadResult(const Json& json) {
  JsonObjectReader reader(json, "step result");
  StepResult result;
  result.workspace = reader.String("workspace");
  result.limits = reader.String("limits");
  result.tests = ReadCounts(reader.Required("tests"));
  for (const Json& report : ExpectArray(reader.Required("reports"), "reports")) {
    result.reports.push_back(ReadStoredReport(report));
  }
  const Json& outputs = ExpectObject(reader.Required("outputs"), "outputs");
  for (auto output = outputs.begin(); output != outputs.end(); ++output) {
    result.outputs[output.key()] = ExpectString(output.value(), "output");
  }
  for (const Json& artifact : ExpectArray(reader.Required("artifacts"), "artifacts")) {
    result.artifacts.push_back(ReadStepArtifact(artifact));
  }
  if (const Json* repeated = reader.Optional("repeated"); repeated != nullptr) {
    result.repeated = ReadRepeat(*repeated);
  }
  if (const Json* regression = reader.Optional("regression"); regression != nullptr) {
    result.regression = ReadRegression(*regression);
  }
  if (const Json* champion = reader.Optional("champion"); champion != nullptr) {
    result.champion = ReleaseName(ExpectString(*champion, "champion"));
  }
  if (const Json* data = reader.Optional("data"); data != nullptr) {
    result.data = ReadDataObjects(*data);
  }
  reader.Finish();
  return result;
}

}  // namespace

std::string StepResultToJson(const StepResult& result) {
  Json object = Json::object();
  object["workspace"] = result.workspace;
  object["limits"] = result.limits;
  object["tests"] = CountsObject(result.tests);
  object["reports"] = Json::array();
  for (const StoredReport& report : result.reports) {
    Json one = Json::object();
    one["kind"] = std::string(ToText(report.kind));
    one["path"] = report.path;
    one["file"] = report.file;
    one["sha256"] = report.sha256;
    object["reports"].push_back(std::move(one));
  }
  object["outputs"] = Json::object();
  for (const auto& output : result.outputs) {
    object["outputs"][output.first] = output.second;
  }
  object["artifacts"] = Json::array();
  for (const StepArtifact& artifact : result.artifacts) {
    Json one = Json::object();
    one["path"] = artifact.path;
    one["record"] = ArtifactObject(artifact.record);
    object["artifacts"].push_back(std::move(one));
  }
  if (result.repeated) {
    object["repeated"] = RepeatObject(*result.repeated);
  }
  if (result.regression) {
    object["regression"] = RegressionObject(*result.regression);
  }
  if (!result.champion.empty()) {
    object["champion"] = result.champion.text();
  }
  if (result.data) {
    object["data"] = DataObjectsObject(*result.data);
  }
  return CanonicalJson(object);
}

Result<StepResult> ParseStepResult(std::string_view json) {
  if (json.empty()) {
    return StepResult();
  }
  try {
    return ReadResult(ParseStrictJson(json));
  } catch (const JsonFault& fault) {
    return Refusal{"invalid_step_result",
                   fmt::format("the result of the step is invalid: {}", OneLine(fault.text))};
  }
}

}  // namespace failgate
