#include "controller/targets/version_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <limits>
#include <map>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/targets/beneath.h"
#include "controller/targets/manifest.h"
#include "controller/targets/version_content.h"

namespace failgate {
namespace {

constexpr unsigned kPlain = 0644;
constexpr unsigned kExecutable = 0755;
constexpr unsigned kOwnerMayExecute = 0100;
constexpr mode_t kPrivate = 0700;

using Digests = std::map<std::string, std::string>;

/// Path in the version folder -> sha256, as the store verified it.
Digests BringOut(int making,
                 const TargetStep& step,
                 const std::vector<PlacedArtifact>& content,
                 const ArtifactStore& store) {
  Digests digests;
  for (const PlacedArtifact& placed : content) {
    try {
      const auto files = store.Materialise(placed.record.bytes(),
                                           PathThrough(making, placed.name),
                                           ArtifactStore::Durability::kSynced);
      for (const MaterialisedFile& file : files) {
        digests[file.path.empty() ? placed.name : placed.name + "/" + file.path] = file.sha256;
      }
    } catch (const std::exception&) {
      RethrowWithContext(fmt::format(
          "bringing out artifact {} of {}", placed.record.name, step.deployable->release.text()));
    }
  }
  return digests;
}

/// 0755 for folders and programs, 0644 for the rest, on the disk.
void Normalise(int making, const ListedEntry& entry) {
  const bool folder = entry.kind == EntryKind::kFolder;
  if (entry.kind == EntryKind::kLink || entry.kind == EntryKind::kOther) return;
  const unsigned mode = folder || (entry.mode & kOwnerMayExecute) != 0 ? kExecutable : kPlain;
  const std::filesystem::path path = PathThrough(making, entry.path);
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) throw ErrnoError("opening", entry.path, errno);
  if (entry.mode != mode && fchmod(file.get(), mode) != 0) {
    throw ErrnoError("setting the mode of", entry.path, errno);
  }
  if (folder || entry.mode != mode) SyncFile(file.get(), entry.path);
}

std::vector<ManifestEntry> EntriesOf(int making, const Digests& digests) {
  constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  for (const ListedEntry& entry : ListFolder(making, kAll)) Normalise(making, entry);
  std::vector<ManifestEntry> entries;
  for (const ListedEntry& listed : ListFolder(making, kAll)) {
    ManifestEntry entry;
    entry.path = listed.path;
    entry.kind = listed.kind;
    if (listed.kind == EntryKind::kLink) {
      entry.link_target = listed.link_target;
    } else {
      entry.mode = listed.mode;
    }
    if (listed.kind == EntryKind::kFile) {
      const auto digest = digests.find(listed.path);
      Check(digest != digests.end(), "the artifact store names every file it brings out");
      entry.sha256 = digest->second;
      entry.stamp = listed.stamp;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

Manifest ManifestOf(const TargetStep& step, const std::vector<PlacedArtifact>& content) {
  Manifest manifest;
  manifest.project = step.project;
  manifest.environment = step.environment;
  manifest.release = step.deployable->release;
  manifest.spec = StepSpec(*step.step);
  manifest.step = step.step->name;
  manifest.path = step.step->directory.path;
  for (const PlacedArtifact& placed : content) {
    manifest.artifacts.push_back({placed.record.name, placed.record.kind, placed.record.sha256});
  }
  return manifest;
}

void Fill(int pair_folder,
          const std::string& name,
          const TargetStep& step,
          const std::vector<PlacedArtifact>& content,
          const ArtifactStore& store) {
  // Private until it is whole: nobody reads or writes a half made one.
  if (mkdirat(pair_folder, name.c_str(), kPrivate) != 0) {
    throw ErrnoError("creating folder", name, errno);
  }
  const FileDescriptor making(
      openat(pair_folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!making.valid()) throw ErrnoError("opening", name, errno);
  Manifest manifest = ManifestOf(step, content);
  manifest.entries = EntriesOf(making.get(), BringOut(making.get(), step, content, store));
  FailPoint("version-half");
  WriteFileDurably(PathThrough(making.get(), kManifestName), ManifestToJson(manifest));
  if (fchmod(making.get(), kExecutable) != 0) {
    throw ErrnoError("setting the mode of", name, errno);
  }
  SyncFile(making.get(), name);
}

void PutInPlace(int pair_folder, const std::string& making, const std::string& version) {
  const char* from = making.c_str();
  const char* to = version.c_str();
  if (renameat2(pair_folder, from, pair_folder, to, RENAME_EXCHANGE) == 0) return;
  if (errno == ENOENT) {
    if (renameat(pair_folder, from, pair_folder, to) == 0) return;
  } else if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) {
    // A file system without exchange (NFS): two renames, and a moment without the folder.
    const std::string aside = making + "-former";
    RemoveTree(PathThrough(pair_folder, aside));
    if (renameat(pair_folder, to, pair_folder, aside.c_str()) == 0 || errno == ENOENT) {
      if (renameat(pair_folder, from, pair_folder, to) == 0) {
        RemoveTree(PathThrough(pair_folder, aside));
        return;
      }
    }
  }
  throw ErrnoError("putting in place", version, errno);
}

}  // namespace

std::string MakingName(const std::string& version) {
  return ".making-" + version;
}

void MakeVersion(int pair_folder,
                 const TargetStep& step,
                 const TargetPlace& place,
                 const ArtifactStore& store) {
  const std::vector<PlacedArtifact> content = ContentOf(step);
  CheckBytesAreThere(step, content, store);
  const std::string making = MakingName(place.version);
  const std::filesystem::path path = PathThrough(pair_folder, making);
  RemoveTree(path);
  try {
    Fill(pair_folder, making, step, content, store);
    FailPoint("version-made");
    PutInPlace(pair_folder, making, place.version);
    SyncFile(pair_folder, place.pair_folder);
  } catch (const std::exception&) {
    try {
      RemoveTree(path);
    } catch (const std::exception&) {
      // The next try removes it; the first failure is the one to tell.
      static_cast<void>(0);
    }
    RethrowWithContext(fmt::format("making version folder {}", place.version));
  }
  // What stood there before, after the exchange.
  RemoveTree(path);
}

}  // namespace failgate
