// .failgate-manifest.json of a version folder: what lies there, and whose it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/artifacts/artifact_record.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/targets/folder_listing.h"

namespace failgate {

inline constexpr const char* kManifestName = ".failgate-manifest.json";
inline constexpr std::size_t kMaxManifestBytes = std::size_t{256} << 20U;

struct ManifestArtifact {
  std::string name;
  ArtifactKind kind = ArtifactKind::kFile;
  std::string sha256;  ///< of the stored bytes, as the release record has it
  bool operator==(const ManifestArtifact&) const = default;
};

struct ManifestEntry {
  std::string path;
  EntryKind kind = EntryKind::kFile;
  std::string sha256;  ///< files only
  unsigned mode = 0;   ///< files and folders
  FileStamp stamp;     ///< files only: as it was when the folder was made
  std::string link_target;
  bool operator==(const ManifestEntry&) const = default;
};

struct Manifest {
  ProjectName project;
  EnvironmentName environment;
  ReleaseName release;
  std::string spec;  ///< StepSpec
  std::string step;
  std::string path;  ///< of the link
  std::vector<ManifestArtifact> artifacts;
  std::vector<ManifestEntry> entries;  ///< sorted by path, without the manifest itself
  bool operator==(const Manifest&) const = default;
};

/// Carries a digest of its own content, so that an edit by hand shows.
[[nodiscard]] std::string ManifestToJson(const Manifest& manifest);
/// Exactly what ManifestToJson wrote, else a refusal `invalid_manifest`.
[[nodiscard]] Result<Manifest> ParseManifest(std::string_view json);

}  // namespace failgate
