#include "controller/pipeline/step_workspace.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

// Steps of a root controller are other users: they pass through, but see no names.
constexpr mode_t kPassThrough = 0711;

}  // namespace

void MakePassable(const std::filesystem::path& folder) {
  CreateFolders(folder, kPassThrough);
  if (chmod(folder.c_str(), kPassThrough) != 0) {
    throw ErrnoError("opening to steps:", folder.string(), errno);
  }
}

void PlaceArtifacts(const ArtifactStore& store,
                    const std::vector<ArtifactRecord>& artifacts,
                    const std::filesystem::path& folder) {
  CreateFolders(folder, 0755);
  std::set<std::string> taken;
  for (const ArtifactRecord& artifact : artifacts) {
    // A second file of the same name keeps its own.
    std::string name = artifact.kind == ArtifactKind::kFile ? artifact.base_name : artifact.name;
    if (!taken.insert(name).second) {
      name = fmt::format("{}-{}", artifact.name, artifact.base_name);
      taken.insert(name);
    }
    (void)store.Materialise(artifact.bytes(), folder / name, ArtifactStore::Durability::kCached);
  }
}

ExecutionFolders ExecutionFolders::Below(const std::filesystem::path& data_dir) {
  return {data_dir / "mirrors",
          data_dir / "workspaces",
          data_dir / "logs",
          data_dir / "reports",
          data_dir / "checkpoints"};
}

StepWorkspace::StepWorkspace(const std::filesystem::path& workspaces,
                             const RunId& run,
                             const std::string& name)
    : path_(workspaces / run.text() / name),
      champion_(workspaces / run.text() / (name + ".champion")),
      watched_(workspaces / run.text() / (name + ".data")),
      checkpoints_(workspaces / run.text() / (name + ".checkpoints")) {
  MakePassable(workspaces);
  MakePassable(path_.parent_path());
  Clear();
}

StepWorkspace::~StepWorkspace() {
  try {
    Clear();
  } catch (const std::exception& error) {
    // The next start removes what is left; the result of the step stands.
    log::Warning("a workspace could not be removed", {{"error", error.what()}});
  }
}

void StepWorkspace::Clear() {
  RemoveTree(path_);
  RemoveTree(champion_);
  RemoveTree(watched_);
  RemoveTree(checkpoints_);
}

void StepWorkspace::Export(const Repository& mirror,
                           const CommitId& revision,
                           const ExportLimits& limits) {
  mirror.ExportTree(revision, path_, limits);
  MakeOutputFile();
}

void StepWorkspace::Export(const Repository& mirror,
                           const CommitId& revision,
                           const TreeOverlay& overlay,
                           const ExportLimits& limits) {
  const auto is_own = [&overlay](const std::string& path) {
    return std::any_of(overlay.own.begin(), overlay.own.end(), [&](const std::string& glob) {
      return GlobMatches(glob, path);
    });
  };
  mirror.ExportFiles(
      {{overlay.below, [&](const std::string& path) { return !is_own(path); }}, {revision, is_own}},
      path_,
      limits);
  MakeOutputFile();
}

void StepWorkspace::MakeOutputFile() const {
  RemoveTree(path_ / kOutputFileName);
  WriteFileDurably(path_ / kOutputFileName, "", 0644);
}

void StepWorkspace::Place(const ArtifactStore& store, const StepArtifact& artifact) {
  const std::filesystem::path destination = path_ / artifact.path;
  RemoveTree(destination);
  (void)store.Materialise(artifact.record.bytes(), destination, ArtifactStore::Durability::kCached);
}

void StepWorkspace::Link(const std::string& at, const std::filesystem::path& seen) const {
  const std::filesystem::path place = path_ / at;
  CreateFolders(place.parent_path());
  std::error_code failed;
  std::filesystem::create_symlink(seen, place, failed);
  if (failed) {
    throw ErrnoError("placing watched data at", at, failed.value());
  }
}

std::filesystem::path StepWorkspace::MakeOwnCheckpoints() const {
  CreateFolders(checkpoints_, 0700);
  return checkpoints_;
}

std::filesystem::path StepWorkspace::PlaceChampion(const ArtifactStore& store,
                                                   const Champion& champion) {
  PlaceArtifacts(store, champion.artifacts, champion_);
  return champion_;
}

}  // namespace failgate
