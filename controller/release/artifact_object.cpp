#include "controller/release/artifact_object.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "controller/pipeline/pipeline_file.h"
#include "policies/artifact_facts_json.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

void Demand(bool holds, std::string_view what) {
  if (!holds) {
    throw JsonFault{std::string(what)};
  }
}

bool IsOneLine(std::string_view text) {
  return IsUtf8(text) && EscapeControls(text) == text;
}

bool IsHexDigest(std::string_view text) {
  return IsSha256Reference("sha256:" + std::string(text));
}

}  // namespace

void CheckArtifact(const ArtifactRecord& artifact) {
  Demand(IsValidName(artifact.name), "an artifact has no valid name");
  Demand(IsHexDigest(artifact.sha256), artifact.name + ": sha256 must be 64 hex digits");
  Demand(artifact.size >= 0, artifact.name + ": size must not be negative");
  Demand(IsOneLine(artifact.format), artifact.name + ": format must be one line");
  Demand(
      IsSafeRelativePath(artifact.base_name) && artifact.base_name.find('/') == std::string::npos,
      artifact.name + ": base_name must be one part of a path");
  Demand(IsOneLine(artifact.origin_run.text()), artifact.name + ": origin_run must be one line");
  Demand(artifact.origin_release.empty() ||
             SplitReleaseName(artifact.origin_release.text()).has_value(),
         artifact.name + ": origin_release is not a release");
  Demand(artifact.trained.empty() || ParseTrainingMode(artifact.trained).has_value(),
         artifact.name + ": trained must be full or degraded");
  Demand(artifact.kind == ArtifactKind::kFile || !artifact.executable,
         artifact.name + ": a folder is not executable");
}

Json ArtifactObject(const ArtifactRecord& artifact) {
  Json object = Json::object();
  object["name"] = artifact.name;
  object["kind"] = std::string(ToText(artifact.kind));
  object["sha256"] = artifact.sha256;
  object["executable"] = artifact.executable;
  object["size"] = artifact.size;
  object["format"] = artifact.format;
  object["base_name"] = artifact.base_name;
  object["origin_run"] = artifact.origin_run.text();
  object["origin_release"] = artifact.origin_release.text();
  object["trained"] = artifact.trained;
  // Left out when nobody looked: records of former versions keep their bytes.
  if (artifact.contents) object["contents"] = ContentsObject(*artifact.contents);
  return object;
}

ArtifactRecord ReadArtifact(const Json& json) {
  JsonObjectReader reader(json, "artifact");
  ArtifactRecord artifact;
  artifact.name = reader.String("name");
  const std::string kind = reader.String("kind");
  Demand(kind == ToText(ArtifactKind::kFile) || kind == ToText(ArtifactKind::kFolder),
         "artifact kind must be file or folder");
  artifact.kind = kind == ToText(ArtifactKind::kFile) ? ArtifactKind::kFile : ArtifactKind::kFolder;
  artifact.sha256 = reader.String("sha256");
  artifact.executable = reader.Bool("executable");
  artifact.size = reader.Count("size", std::int64_t{1} << 50U);
  artifact.format = reader.String("format");
  artifact.base_name = reader.String("base_name");
  artifact.origin_run = RunId(reader.String("origin_run"));
  artifact.origin_release = ReleaseName(reader.String("origin_release"));
  artifact.trained = reader.String("trained");
  if (const Json* contents = reader.Optional("contents"); contents != nullptr) {
    artifact.contents = ReadContents(*contents);
  }
  reader.Finish();
  return artifact;
}

}  // namespace failgate
