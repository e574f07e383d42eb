// What a release says of one artifact: which bytes, what they claim to be, and where they came
// from.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/ids.h"
#include "policies/artifact_facts.h"

namespace failgate {

enum class ArtifactKind {
  kFile,
  kFolder,  ///< stored as a deterministic tar archive compressed by zstd
};
/// "file", "folder".
[[nodiscard]] std::string_view ToText(ArtifactKind kind);

/// What is needed to bring an artifact back from the store.
struct ArtifactBytes {
  ArtifactKind kind = ArtifactKind::kFile;
  std::string sha256;       ///< 64 hex digits, of the stored bytes
  bool executable = false;  ///< of a file; folders keep it for each entry
  bool operator==(const ArtifactBytes&) const = default;
};

struct ArtifactRecord {
  std::string name;
  ArtifactKind kind = ArtifactKind::kFile;
  bool executable = false;     ///< of a file
  std::string sha256;          ///< 64 hex digits, of the stored bytes
  long long size = 0;          ///< of the stored bytes
  std::string format;          ///< as declared; empty = not declared
  std::string base_name;       ///< last part of the path it was made at
  RunId origin_run;            ///< the run that made the bytes
  ReleaseName origin_release;  ///< the release they came in with; empty: this one
  std::string trained;  ///< "full" or "degraded" for artifacts of a training step, else empty
  std::optional<ArtifactContents> contents =
      {};  ///< nullopt: stored by a version that did not look
  bool operator==(const ArtifactRecord&) const = default;

  [[nodiscard]] ArtifactBytes bytes() const { return {kind, sha256, executable}; }
};

}  // namespace failgate
