// What running pipelines ask the deploy log: who is champion, and which trained bytes go on.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/pipeline/execution_parts.h"
#include "controller/promotion/promotion_snapshot.h"

namespace failgate {

/// Reads the operations mirror at the snapshot's head. Thread-safe.
class ReleaseQuestions {
 public:
  explicit ReleaseQuestions(std::filesystem::path operations)
      : operations_(std::move(operations)) {}
  /// What runs in the last environment of the ladder.
  [[nodiscard]] ChampionAnswer ChampionOf(const PromotionSnapshot& snapshot,
                                          const ProjectName& project) const;
  /// The artifact of the newest release that a full training made, or carried on.
  [[nodiscard]] std::optional<CarriedArtifact> Carried(const PromotionSnapshot& snapshot,
                                                       const ProjectName& project,
                                                       const std::string& artifact) const;

 private:
  std::filesystem::path operations_;
};

}  // namespace failgate
