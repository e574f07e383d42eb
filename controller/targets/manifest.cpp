#include "controller/targets/manifest.h"

#include <nlohmann/json.hpp>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr int kFormat = 1;

std::string KindWord(EntryKind kind) {
  switch (kind) {
    case EntryKind::kFile:
      return "file";
    case EntryKind::kFolder:
      return "folder";
    case EntryKind::kLink:
      return "link";
    case EntryKind::kOther:
      return "other";
  }
  return {};
}

EntryKind KindFromWord(const std::string& word) {
  if (word == "file") return EntryKind::kFile;
  if (word == "folder") return EntryKind::kFolder;
  return word == "link" ? EntryKind::kLink : EntryKind::kOther;
}

/// JSON holds UTF-8 only, file names any bytes: those that are no UTF-8 are written in hex.
void PutText(Json& json, const std::string& key, const std::string& text) {
  if (IsUtf8(text)) {
    json[key] = text;
  } else {
    json[key + "_hex"] = HexEncode(text);
  }
}

std::string TakeText(const Json& json, const std::string& key) {
  if (json.contains(key)) return json.at(key).get<std::string>();
  return HexDecode(json.at(key + "_hex").get<std::string>()).value_or("");
}

Json EntryToJson(const ManifestEntry& entry) {
  Json json = {{"kind", KindWord(entry.kind)}};
  PutText(json, "path", entry.path);
  if (entry.kind == EntryKind::kLink) {
    PutText(json, "link", entry.link_target);
    return json;
  }
  json["mode"] = entry.mode;
  if (entry.kind == EntryKind::kFile) {
    json["sha256"] = entry.sha256;
    json["size"] = entry.stamp.size;
    json["mtime_ns"] = entry.stamp.mtime_ns;
    json["ctime_ns"] = entry.stamp.ctime_ns;
    json["inode"] = entry.stamp.inode;
  }
  return json;
}

/// A fraction is none of ours, and may not even fit.
const Json& WholeNumberOf(const Json& json, const char* key) {
  const Json& value = json.at(key);
  if (!value.is_number_integer()) throw Error(Remedy::kNeedsChange, "not a whole number");
  return value;
}

ManifestEntry EntryFromJson(const Json& json) {
  ManifestEntry entry;
  entry.path = TakeText(json, "path");
  entry.kind = KindFromWord(json.at("kind").get<std::string>());
  if (entry.kind == EntryKind::kLink) {
    entry.link_target = TakeText(json, "link");
    return entry;
  }
  entry.mode = WholeNumberOf(json, "mode").get<unsigned>();
  if (entry.kind == EntryKind::kFile) {
    entry.sha256 = json.at("sha256").get<std::string>();
    entry.stamp = FileStamp{WholeNumberOf(json, "size").get<long long>(),
                            WholeNumberOf(json, "mtime_ns").get<long long>(),
                            WholeNumberOf(json, "ctime_ns").get<long long>(),
                            WholeNumberOf(json, "inode").get<unsigned long long>()};
  }
  return entry;
}

Json Content(const Manifest& manifest) {
  Json json = {{"failgate", kFormat},
               {"project", manifest.project.text()},
               {"environment", manifest.environment.text()},
               {"release", manifest.release.text()},
               {"spec", manifest.spec},
               {"step", manifest.step},
               {"path", manifest.path},
               {"artifacts", Json::array()},
               {"entries", Json::array()}};
  for (const ManifestArtifact& artifact : manifest.artifacts) {
    json["artifacts"].push_back({{"name", artifact.name},
                                 {"kind", artifact.kind == ArtifactKind::kFile ? "file" : "folder"},
                                 {"sha256", artifact.sha256}});
  }
  for (const ManifestEntry& entry : manifest.entries) {
    json["entries"].push_back(EntryToJson(entry));
  }
  return json;
}

std::string Dump(const Json& json) {
  return json.dump(1, ' ', true);
}

Manifest FromContent(const Json& json) {
  Manifest manifest;
  manifest.project = ProjectName(json.at("project").get<std::string>());
  manifest.environment = EnvironmentName(json.at("environment").get<std::string>());
  manifest.release = ReleaseName(json.at("release").get<std::string>());
  manifest.spec = json.at("spec").get<std::string>();
  manifest.step = json.at("step").get<std::string>();
  manifest.path = json.at("path").get<std::string>();
  for (const Json& artifact : json.at("artifacts")) {
    manifest.artifacts.push_back({artifact.at("name").get<std::string>(),
                                  artifact.at("kind").get<std::string>() == "file"
                                      ? ArtifactKind::kFile
                                      : ArtifactKind::kFolder,
                                  artifact.at("sha256").get<std::string>()});
  }
  for (const Json& entry : json.at("entries")) manifest.entries.push_back(EntryFromJson(entry));
  return manifest;
}

}  // namespace

std::string ManifestToJson(const Manifest& manifest) {
  Json json = Content(manifest);
  json["digest"] = "sha256:" + Sha256Hex(Dump(json));
  return Dump(json) + "\n";
}

Result<Manifest> ParseManifest(std::string_view json) {
  const Refusal invalid{"invalid_manifest", "it is not what failgate wrote"};
  try {
    Manifest manifest = FromContent(Json::parse(json));
    if (ManifestToJson(manifest) != json) return invalid;
    return manifest;
  } catch (const Json::exception&) {
    // Somebody edited it: that is drift, no fault of ours.
    return invalid;
  } catch (const Error&) {
    return invalid;
  }
}

}  // namespace failgate
