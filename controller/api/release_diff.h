// What would change if a release went into an environment: the answer of `failgate diff`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "controller/promotion/promotion_snapshot.h"

namespace failgate {

/// A value before and after; both empty = not there.
struct Change {
  std::string from;
  std::string to;
  [[nodiscard]] bool same() const { return from == to; }
};

struct ArtifactChange {
  std::string name;
  std::string change;  ///< "added" | "removed" | "changed" | "same"
  Change sha256;
};

struct ReleaseDiff {
  EnvironmentName environment;
  ProjectName project;
  ReleaseName from;  ///< what runs; empty = nothing
  ReleaseName to;
  Change revision;
  Change data;
  Change deploy;  ///< digests of the deploy specification
  /// "environments/E/environment.yaml@BLOB environments/E/P.yaml@BLOB": what let in what runs, and
  /// what judges now.
  Change policy;
  std::vector<ArtifactChange> artifacts;
  /// What would run; a changed policy alone changes nothing of it.
  [[nodiscard]] bool same() const;
};

/// What runs against `release`; with an empty `release` against the candidate of the last pass, or
/// the newest one. nullopt when the environment, the release or any release at all is not there.
[[nodiscard]] std::optional<ReleaseDiff> DiffOf(const PromotionSnapshot& snapshot,
                                                const Repository& operations,
                                                const EnvironmentProject& pair,
                                                const ReleaseName& release);

}  // namespace failgate
