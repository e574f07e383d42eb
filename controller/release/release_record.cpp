#include "controller/release/release_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/pipeline/pipeline_file.h"
#include "policies/facts_object.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFormat = "failgate-release/1";
constexpr std::string_view kDigestPrefix = "sha256:";

void Demand(bool holds, std::string_view what) {
  if (!holds) {
    throw JsonFault{std::string(what)};
  }
}

bool IsOneLine(std::string_view text) {
  return IsUtf8(text) && EscapeControls(text) == text;
}

bool IsHexDigest(std::string_view text) {
  return IsSha256Reference(std::string(kDigestPrefix) + std::string(text));
}

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

/// Throws JsonFault for what neither side may hold.
void CheckRecord(const ReleaseRecord& record) {
  Demand(IsValidName(record.project.text()), "project is not a valid name");
  Demand(record.number >= 1, "number must be 1 or more");
  Demand(record.name == MakeReleaseName(record.project, static_cast<long>(record.number)),
         "name must be project and number");
  Demand(IsValidName(record.source.text()), "source is not a valid name");
  Demand(IsOneLine(record.source_url), "source url must be one line");
  Demand(Redact(record.source_url) == record.source_url, "source url must hold no credentials");
  Demand(IsObjectId(record.revision.text()), "revision is not a commit");
  Demand(record.ref.empty() || IsValidRefName(record.ref), "ref is not the name of a ref");
  Demand(IsOneLine(record.data), "data must be one line");
  Demand(!record.run.empty() && IsOneLine(record.run.text()), "run must be one line");
  const auto trigger = ParseTriggerKind(record.trigger);
  Demand(trigger.has_value() && *trigger != TriggerKind::kCheck,
         "trigger must be code, data, schedule or manual");
  Demand(ParseTrainingMode(record.training).has_value(), "training must be full or degraded");
  Demand(IsOneLine(record.delivery), "delivery must be one line");
  Demand(record.previous.empty() || SplitReleaseName(record.previous.text()).has_value(),
         "previous is not a release");
  std::set<std::string> names;
  for (const ArtifactRecord& artifact : record.artifacts) {
    CheckArtifact(artifact);
    Demand(names.insert(artifact.name).second, artifact.name + ": two artifacts of one name");
  }
  for (const Person& author : record.authors) {
    Demand(ParsePerson(FormatPerson(author)) == author, "an author cannot be written");
  }
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
  reader.Finish();
  return artifact;
}

std::vector<ArtifactRecord> SortedByName(std::vector<ArtifactRecord> artifacts) {
  std::sort(artifacts.begin(), artifacts.end(), [](const auto& a, const auto& b) {
    return a.name < b.name;
  });
  return artifacts;
}

Json RecordObject(const ReleaseRecord& record) {
  Json object = Json::object();
  object["format"] = std::string(kFormat);
  object["name"] = record.name.text();
  object["number"] = record.number;
  object["project"] = record.project.text();
  Json source = Json::object();
  source["name"] = record.source.text();
  source["url"] = record.source_url;
  object["source"] = std::move(source);
  object["revision"] = record.revision.text();
  object["ref"] = record.ref;
  object["data"] = record.data;
  object["created"] = FormatTime(record.created);
  object["run"] = record.run.text();
  object["trigger"] = record.trigger;
  object["training"] = record.training;
  object["delivery"] = record.delivery;
  object["previous"] = record.previous.text();
  object["artifacts"] = Json::array();
  for (const ArtifactRecord& artifact : SortedByName(record.artifacts)) {
    object["artifacts"].push_back(ArtifactObject(artifact));
  }
  object["authors"] = Json::array();
  for (const Person& author : record.authors) {
    Json person = Json::object();
    person["name"] = author.name;
    person["email"] = author.email;
    object["authors"].push_back(std::move(person));
  }
  object["evidence"] = EvidenceToObject(record.evidence);
  return object;
}

ReleaseRecord ReadRecord(const Json& json) {
  JsonObjectReader reader(json, "release");
  Demand(reader.String("format") == kFormat, "format is not failgate-release/1");
  ReleaseRecord record;
  record.name = ReleaseName(reader.String("name"));
  record.number = reader.Count("number", kMaxFactCount);
  record.project = ProjectName(reader.String("project"));
  JsonObjectReader source(reader.Required("source"), "source");
  record.source = SourceName(source.String("name"));
  record.source_url = source.String("url");
  source.Finish();
  record.revision = CommitId(reader.String("revision"));
  record.ref = reader.String("ref");
  record.data = reader.String("data");
  record.created = reader.Time("created");
  record.run = RunId(reader.String("run"));
  record.trigger = reader.String("trigger");
  record.training = reader.String("training");
  record.delivery = reader.String("delivery");
  record.previous = ReleaseName(reader.String("previous"));
  for (const Json& item : ExpectArray(reader.Required("artifacts"), "artifacts")) {
    record.artifacts.push_back(ReadArtifact(item));
  }
  for (const Json& item : ExpectArray(reader.Required("authors"), "authors")) {
    JsonObjectReader person(item, "author");
    Person author;
    author.name = person.String("name");
    author.email = person.String("email");
    person.Finish();
    record.authors.push_back(std::move(author));
  }
  record.evidence = EvidenceFromObject(reader.Required("evidence"));
  reader.Finish();
  return record;
}

Refusal Invalid(const std::string& text) {
  return Refusal{"invalid_release_record", "the release record is invalid: " + OneLine(text)};
}

}  // namespace

std::string ReleaseRecordToJson(const ReleaseRecord& record) {
  try {
    CheckRecord(record);
  } catch (const JsonFault& fault) {
    throw Error(
        Remedy::kNeedsChange,
        fmt::format(
            "writing the record of {}: {}", OneLine(record.name.text(), 80), OneLine(fault.text)));
  }
  return CanonicalJson(RecordObject(record));
}

Result<ReleaseRecord> ParseReleaseRecord(std::string_view json) {
  if (json.size() > kMaxReleaseRecordBytes) {
    return Invalid("it is too large");
  }
  try {
    ReleaseRecord record = ReadRecord(ParseStrictJson(json));
    CheckRecord(record);
    if (CanonicalJson(RecordObject(record)) != json) {
      return Invalid("it is not written in the canonical form");
    }
    return record;
  } catch (const JsonFault& fault) {
    return Invalid(fault.text);
  }
}

std::string ReleaseRecordDigest(const ReleaseRecord& record) {
  return std::string(kDigestPrefix) + Sha256Hex(ReleaseRecordToJson(record));
}

bool SameRelease(const ReleaseRecord& a, const ReleaseRecord& b) {
  const auto identity = [](const ReleaseRecord& record) {
    std::map<std::string, std::pair<ArtifactKind, std::string>> artifacts;
    for (const ArtifactRecord& artifact : record.artifacts) {
      artifacts.insert_or_assign(artifact.name, std::pair(artifact.kind, artifact.sha256));
    }
    return std::tuple(record.project, record.source, record.revision, record.data, artifacts);
  };
  return identity(a) == identity(b);
}

}  // namespace failgate
