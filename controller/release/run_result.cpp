#include "controller/release/run_result.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/release/artifact_object.h"
#include "policies/facts_object.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

void CheckArtifacts(const std::vector<ArtifactRecord>& artifacts) {
  std::set<std::string> names;
  for (const ArtifactRecord& artifact : artifacts) {
    CheckArtifact(artifact);
    if (!names.insert(artifact.name).second) {
      throw JsonFault{artifact.name + ": two artifacts of one name"};
    }
  }
}

}  // namespace

std::string RunResultToJson(const RunResult& result) {
  try {
    CheckArtifacts(result.artifacts);
  } catch (const JsonFault& fault) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("writing the result of a run: {}", OneLine(fault.text)));
  }
  Json object = Json::object();
  object["evidence"] = EvidenceToObject(result.evidence);
  object["artifacts"] = Json::array();
  for (const ArtifactRecord& artifact : result.artifacts) {
    object["artifacts"].push_back(ArtifactObject(artifact));
  }
  return CanonicalJson(object);
}

Result<RunResult> ParseRunResult(std::string_view json) {
  if (json.empty()) {
    return RunResult();
  }
  try {
    const Json parsed = ParseStrictJson(json);
    JsonObjectReader reader(parsed, "run result");
    RunResult result;
    result.evidence = EvidenceFromObject(reader.Required("evidence"));
    for (const Json& item : ExpectArray(reader.Required("artifacts"), "artifacts")) {
      result.artifacts.push_back(ReadArtifact(item));
    }
    reader.Finish();
    CheckArtifacts(result.artifacts);
    return result;
  } catch (const JsonFault& fault) {
    return Refusal{"invalid_run_result",
                   fmt::format("the result of the run is invalid: {}", OneLine(fault.text))};
  }
}

}  // namespace failgate
