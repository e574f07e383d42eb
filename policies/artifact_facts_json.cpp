#include "policies/artifact_facts_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "policies/state_words.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using nlohmann::json;

/// Larger than any artifact; what an archive claims to unpack to is cut off here too.
constexpr long long kMaxBytes = 1LL << 50U;

constexpr std::array<std::pair<LoadSafety, const char*>, 3> kSafeties{
    {{LoadSafety::kData, "data"}, {LoadSafety::kCode, "code"}, {LoadSafety::kUnknown, "unknown"}}};

FormatFinding ReadFinding(const json& object) {
  JsonObjectReader reader(object, "contents.format");
  FormatFinding finding;
  finding.format = reader.String("format");
  finding.safety = ValueIn(kSafeties, reader.String("safety"), "contents.safety");
  finding.files = reader.Count("files", kMaxBytes);
  finding.example = reader.String("example");
  finding.why = reader.String("why");
  reader.Finish();
  if (OneLine(finding.example, finding.example.size()) != finding.example ||
      OneLine(finding.why, finding.why.size()) != finding.why) {
    throw JsonFault{"contents: example and why must be one line"};
  }
  const auto& known = FileFormats();
  if (!std::binary_search(known.begin(), known.end(), finding.format)) {
    throw JsonFault{"contents: " + OneLine(finding.format, 80) + " is no format"};
  }
  return finding;
}

}  // namespace

json ContentsObject(const ArtifactContents& contents) {
  json formats = json::array();
  for (const FormatFinding& finding : contents.formats) {
    formats.push_back({{"format", finding.format},
                       {"safety", WordIn(kSafeties, finding.safety)},
                       {"files", finding.files},
                       {"example", finding.example},
                       {"why", finding.why}});
  }
  json object = {
      {"files", contents.files}, {"bytes", contents.bytes}, {"formats", std::move(formats)}};
  if (!contents.distributions.empty()) object["distributions"] = contents.distributions;
  if (contents.distributions_cut) object["distributions_cut"] = true;
  return object;
}

ArtifactContents ReadContents(const json& object) {
  JsonObjectReader reader(object, "contents");
  ArtifactContents contents;
  contents.files = reader.Count("files", kMaxBytes);
  contents.bytes = reader.Count("bytes", kMaxBytes);
  for (const json& item : ExpectArray(reader.Required("formats"), "contents.formats")) {
    contents.formats.push_back(ReadFinding(item));
  }
  if (const json* names = reader.Optional("distributions"); names != nullptr) {
    for (const json& name : ExpectArray(*names, "contents.distributions")) {
      contents.distributions.push_back(ExpectString(name, "contents.distribution"));
      if (OneLine(contents.distributions.back(), 200) != contents.distributions.back()) {
        throw JsonFault{"contents: a distribution must be one short line"};
      }
    }
  }
  if (reader.Optional("distributions_cut") != nullptr) {
    contents.distributions_cut = reader.Bool("distributions_cut");
  }
  reader.Finish();
  return contents;
}

json ArtifactFactObject(const ArtifactFact& artifact) {
  json object = {{"name", artifact.name},
                 {"digest", artifact.digest},
                 {"size", artifact.size},
                 {"declared", artifact.declared},
                 {"folder", artifact.folder}};
  if (artifact.contents) object["contents"] = ContentsObject(*artifact.contents);
  return object;
}

ArtifactFact ReadArtifactFact(const json& object) {
  JsonObjectReader reader(object, "artifact");
  ArtifactFact artifact;
  artifact.name = reader.String("name");
  artifact.digest = reader.String("digest");
  artifact.size = reader.Count("size", kMaxBytes);
  artifact.declared = reader.String("declared");
  artifact.folder = reader.Bool("folder");
  if (const json* contents = reader.Optional("contents"); contents != nullptr) {
    artifact.contents = ReadContents(*contents);
  }
  reader.Finish();
  return artifact;
}

}  // namespace failgate
