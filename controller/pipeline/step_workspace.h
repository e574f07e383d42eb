// The folder one attempt of a step works in: a fresh copy of the tree, and what the step needs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controller/artifacts/artifact_store.h"
#include "controller/base/ids.h"
#include "controller/git/repository.h"
#include "controller/pipeline/execution_parts.h"
#include "controller/pipeline/step_result.h"

namespace failgate {

/// Where the step writes its key=value lines, below the workspace.
inline constexpr const char* kOutputFileName = ".failgate-output";
/// Where the step sees the champion.
inline constexpr const char* kChampionInside = "/run/failgate-champion";
/// Where the step sees the data of watches, one folder each.
inline constexpr const char* kWatchedInside = "/run/failgate-data";

/// Makes the folder where steps of a root controller, which are other users, pass through and see
/// no names.
void MakePassable(const std::filesystem::path& folder);

/// Puts the artifacts of a release into `folder`, made here, as the directory target lays them
/// down.
void PlaceArtifacts(const ArtifactStore& store,
                    const std::vector<ArtifactRecord>& artifacts,
                    const std::filesystem::path& folder);

/// A revision's files at some paths, laid over the tree of an earlier one that has none there.
struct TreeOverlay {
  CommitId below;                ///< the earlier one
  std::vector<std::string> own;  ///< globs of the paths
};

/// Owns the folder RUN/STEP-ATTEMPT and removes it at the end.
class StepWorkspace {
 public:
  /// Leftovers of the same name are removed; nothing is made yet.
  StepWorkspace(const std::filesystem::path& workspaces, const RunId& run, const std::string& name);
  ~StepWorkspace();
  StepWorkspace(const StepWorkspace&) = delete;
  StepWorkspace& operator=(const StepWorkspace&) = delete;

  /// The tree of `revision` and an empty output file. Throws as Repository::ExportTree.
  void Export(const Repository& mirror, const CommitId& revision, const ExportLimits& limits);
  void Export(const Repository& mirror,
              const CommitId& revision,
              const TreeOverlay& overlay,
              const ExportLimits& limits);
  /// Puts an artifact of an earlier step at its path; what the tree has there is replaced.
  void Place(const ArtifactStore& store, const StepArtifact& artifact);
  /// Puts the champion's artifacts into a folder beside the workspace and answers it.
  std::filesystem::path PlaceChampion(const ArtifactStore& store, const Champion& champion);
  /// An empty folder for checkpoints that nobody will go on from; removed with the workspace.
  [[nodiscard]] std::filesystem::path MakeOwnCheckpoints() const;
  /// Makes a folder beside the workspace the place `at` inside it, by a link to where the step sees
  /// that folder. Throws Error when something is there already.
  void Link(const std::string& at, const std::filesystem::path& seen) const;
  /// Where the data of a watch is laid down for the step; removed with the workspace.
  [[nodiscard]] std::filesystem::path WatchedFolder(const std::string& watch) const {
    return watched_ / watch;
  }
  /// Removes the tree again, for another try.
  void Clear();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  void MakeOutputFile() const;

  std::filesystem::path path_;
  std::filesystem::path champion_;
  std::filesystem::path watched_;
  std::filesystem::path checkpoints_;
};

}  // namespace failgate
