#include <fmt/format.h>

#include <algorithm>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "policies/gates/artifacts.h"

namespace failgate {
namespace {

/// What no bytes are meant to be.
bool IsWritable(const std::string& format) {
  return format != "ambiguous" && format != "damaged" && format != "empty" && format != "unknown";
}

std::vector<std::string> WritableFormats() {
  std::vector<std::string> words;
  std::copy_if(FileFormats().begin(), FileFormats().end(), std::back_inserter(words), IsWritable);
  return words;
}

void CheckFormat(const YamlNode& at,
                 const std::string& word,
                 const std::vector<std::string>& words,
                 ProblemSink& problems) {
  if (std::find(words.begin(), words.end(), word) != words.end()) return;
  const std::optional<std::string> nearest = NearestWord(word, words);
  problems.Add(at,
               fmt::format("\"{}\" is no format that is recognised{}; there are {}",
                           OneLine(word, 60),
                           nearest ? fmt::format(" (did you mean {}?)", *nearest) : "",
                           Join(words, ", ")));
}

void CheckFormats(const YamlNode* node,
                  const MaybeWritten<std::vector<std::string>>& written,
                  const std::vector<std::string>& words,
                  ProblemSink& problems) {
  if (node == nullptr || !written) return;
  if (written->value.empty()) problems.Add(*node, "name at least one format, or leave the key out");
  for (const std::string& word : written->value) CheckFormat(*node, word, words, problems);
}

void ReadDeclared(const YamlNode* node, ArtifactsSettings& settings, ProblemSink& problems) {
  if (node == nullptr) return;
  if (node->kind != YamlNode::Kind::kMapping || node->entries.empty()) {
    problems.Add(*node, "gates.artifacts.formats must be a mapping of artifacts to formats");
    return;
  }
  for (const YamlNode::Entry& entry : node->entries) {
    if (!IsValidName(entry.key.scalar)) {
      problems.Add(entry.key,
                   fmt::format("\"{}\" is no name of an artifact", OneLine(entry.key.scalar, 80)));
      continue;
    }
    const auto word = ReadString(entry.value, "the format of " + entry.key.scalar, problems);
    if (!word) continue;
    CheckFormat(entry.value, *word, WritableFormats(), problems);
    settings.formats[entry.key.scalar] = {*word, entry.value.line, entry.value.column};
  }
}

ArtifactWaiver ReadWaiver(const YamlNode& node, ProblemSink& problems) {
  MappingReader reader(node, "gates.artifacts.waivers", problems);
  ArtifactWaiver waiver;
  waiver.artifact = reader.Name("artifact").value_or("");
  static_cast<void>(reader.Required("artifact"));
  waiver.digest = reader.RequiredString("digest");
  if (const YamlNode* digest = node.Find("digest");
      digest != nullptr && !IsSha256Reference(waiver.digest)) {
    problems.Add(*digest, "digest must be sha256: and 64 lower-case hex digits");
  }
  const std::string day = reader.RequiredString("until");
  if (const YamlNode* until = node.Find("until"); until != nullptr) {
    const auto time = ParseTime(day + "T00:00:00Z");
    if (!time || day.size() != std::string("2027-01-01").size()) {
      problems.Add(*until, "until must be a day such as 2027-01-01");
    }
    waiver.until = time.value_or(TimePoint{});
  }
  waiver.reason = reader.RequiredString("reason");
  reader.Finish();
  return waiver;
}

void ReadWaivers(const YamlNode* node, ArtifactsSettings& settings, ProblemSink& problems) {
  if (node == nullptr) return;
  if (node->kind != YamlNode::Kind::kSequence || node->items.size() > 100) {
    problems.Add(*node, "gates.artifacts.waivers must be a list of at most 100");
    return;
  }
  Written<std::vector<ArtifactWaiver>> waivers{{}, node->line, node->column};
  for (const YamlNode& item : node->items) waivers.value.push_back(ReadWaiver(item, problems));
  if (!waivers.value.empty()) settings.waivers = std::move(waivers);
}

std::string Listed(const std::set<std::string>& words) {
  return Join(std::vector<std::string>(words.begin(), words.end()), ", ");
}

void MergeAllow(const ArtifactsGate* floor,
                const ArtifactsSettings& settings,
                ArtifactsGate& merged,
                MergeProblems& problems) {
  if (!settings.allow) return;
  const auto& written = *settings.allow;
  const std::set<std::string> allow(written.value.begin(), written.value.end());
  for (const std::string& word : allow) {
    if (floor != nullptr && floor->allow && floor->allow->count(word) == 0) {
      problems.AddLoosening(written.line,
                            written.column,
                            "artifacts: allow " + word,
                            "allow: " + Listed(*floor->allow));
    }
  }
  merged.allow = allow;
}

}  // namespace

ArtifactsSettings ReadArtifactsSettings(const YamlNode& node, ProblemSink& problems) {
  ArtifactsSettings settings;
  MappingReader reader(node, "gates.artifacts", problems);
  settings.mode = ReadMode(reader, node);
  ReadDeclared(reader.Optional("formats"), settings, problems);
  settings.allow = WrittenAt(node.Find("allow"), reader.Strings("allow"));
  CheckFormats(node.Find("allow"), settings.allow, WritableFormats(), problems);
  settings.deny = WrittenAt(node.Find("deny"), reader.Strings("deny"));
  std::vector<std::string> deniable = WritableFormats();
  deniable.emplace_back(kRunsCode);
  CheckFormats(node.Find("deny"), settings.deny, deniable, problems);
  settings.max_size = WrittenAt(node.Find("max_size"), reader.Size("max_size"));
  ReadWaivers(reader.Optional("waivers"), settings, problems);
  reader.Finish();
  return settings;
}

ArtifactsGate MergeArtifacts(const ArtifactsGate* floor,
                             const ArtifactsSettings& settings,
                             MergeProblems& problems) {
  ArtifactsGate merged;
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("artifacts", floor->mode, settings.mode);
  }
  merged.mode = settings.mode.mode;
  for (const auto& [artifact, format] : settings.formats) {
    const auto known = merged.formats.find(artifact);
    if (known != merged.formats.end() && known->second != format.value) {
      problems.AddLoosening(format.line,
                            format.column,
                            fmt::format("artifacts: {} as {}", artifact, format.value),
                            fmt::format("{}: {}", artifact, known->second));
    }
    merged.formats[artifact] = format.value;
  }
  MergeAllow(floor, settings, merged, problems);
  if (settings.deny) merged.deny.insert(settings.deny->value.begin(), settings.deny->value.end());
  if (settings.max_size) {
    const auto& written = *settings.max_size;
    if (merged.max_size && written.value > *merged.max_size) {
      problems.AddLoosening(written.line,
                            written.column,
                            fmt::format("artifacts: max_size of {} bytes", written.value),
                            fmt::format("{} bytes", *merged.max_size));
    }
    merged.max_size = written.value;
  }
  if (settings.waivers) {
    if (floor != nullptr) {
      problems.AddLoosening(settings.waivers->line,
                            settings.waivers->column,
                            "artifacts: a waiver",
                            "what is waived");
    }
    merged.waivers = settings.waivers->value;
  }
  return merged;
}

}  // namespace failgate
