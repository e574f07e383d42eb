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
#include "controller/release/artifact_object.h"
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
  for (const std::string& watch : record.watched) {
    Demand(IsValidName(watch), "a watch is not a valid name");
  }
  Demand(std::is_sorted(record.watched.begin(), record.watched.end()), "watched must be sorted");
  for (const Person& author : record.authors) {
    Demand(ParsePerson(FormatPerson(author)) == author, "an author cannot be written");
  }
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
  if (!record.watched.empty()) {
    object["watched"] = record.watched;
  }
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
  if (const Json* watched = reader.Optional("watched")) {
    for (const Json& name : ExpectArray(*watched, "watched")) {
      if (!name.is_string()) {
        throw JsonFault{"watched must hold names"};
      }
      record.watched.push_back(name.get<std::string>());
    }
  }
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

namespace {

/// By step: the champion its run was compared with. Another comparison is other evidence.
std::map<std::string, ReleaseName> ComparedWith(const Evidence& evidence) {
  std::map<std::string, ReleaseName> champions;
  for (const StepMeasurement& measured : evidence.measured) {
    const auto first = measured.metrics.lower_bound("champion.");
    if (measured.measured_for.empty() && first != measured.metrics.end() &&
        first->first.rfind("champion.", 0) == 0) {
      champions[measured.step] = measured.champion;
    }
  }
  return champions;
}

}  // namespace

bool SameRelease(const ReleaseRecord& a, const ReleaseRecord& b) {
  const auto identity = [](const ReleaseRecord& record) {
    std::map<std::string, std::pair<ArtifactKind, std::string>> artifacts;
    for (const ArtifactRecord& artifact : record.artifacts) {
      artifacts.insert_or_assign(artifact.name, std::pair(artifact.kind, artifact.sha256));
    }
    return std::tuple(record.project,
                      record.source,
                      record.revision,
                      record.data,
                      artifacts,
                      ComparedWith(record.evidence));
  };
  return identity(a) == identity(b);
}

}  // namespace failgate
