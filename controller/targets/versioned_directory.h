// The target `directory`: a link at a path, to a version folder that is whole or not there.
#pragma once

#include <filesystem>
#include <vector>

#include "controller/artifacts/artifact_store.h"
#include "controller/runners/runner.h"
#include "controller/targets/stamp_memory.h"
#include "controller/targets/target.h"
#include "controller/targets/target_place.h"

namespace failgate {

/// Thread-safe for different pairs; the steps of one pair come one after another.
class VersionedDirectory final : public Target {
 public:
  struct Options {
    std::vector<std::filesystem::path> roots;  ///< absolute; targets.directory.roots
    std::filesystem::path workspaces;          ///< for health commands; in the data directory
    StepLimits limits;                         ///< of health commands
  };
  /// Both must outlive it. `runner` runs health commands.
  VersionedDirectory(const ArtifactStore& store, StepRunner& runner, Options options);

  /// Writes nothing. Throws Error for a path outside the roots and for failures of the disk.
  [[nodiscard]] Observation Observe(const TargetStep& step, bool full) override;
  /// A version folder that is not as wanted is made anew beside and put in its place whole. Throws
  /// Error(kNeedsChange) for foreign things and for artifacts whose bytes are gone.
  void Apply(const TargetStep& step) override;
  [[nodiscard]] HealthAnswer Healthy(const TargetStep& step,
                                     Milliseconds within,
                                     const std::stop_token& stop) override;
  /// Looks at the pair's own folder in every root. A version that the link it was made for (or one
  /// of these steps') still points to stays, and so does what is no folder.
  void Prune(const TargetStep& step, const std::vector<TargetStep>& keep) override;
  /// Every link into the pair's own folders first, then the folders.
  void Remove(const TargetStep& step) override;

 private:
  void RemoveRoot(const std::filesystem::path& root, const TargetStep& step);
  void PruneRoot(const std::filesystem::path& root,
                 const TargetStep& step,
                 const std::vector<TargetStep>& keep);

  const ArtifactStore& store_;
  StepRunner& runner_;
  Options options_;
  StampMemory memory_;
};

}  // namespace failgate
