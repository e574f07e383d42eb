#include "controller/targets/version_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "controller/targets/beneath.h"

namespace failgate {
namespace {

constexpr std::size_t kShownFaults = 3;
/// More entries than the manifest has are drift already; counting them all would help nobody.
constexpr std::size_t kExtraEntries = 16;

std::string Shown(const std::string& path) {
  return OneLine(path, 120);
}

/// What the manifest says of itself and its artifacts, against the order.
std::string HeadFault(const Manifest& manifest, const TargetStep& step) {
  const bool same = manifest.project == step.project && manifest.environment == step.environment &&
                    manifest.release == step.deployable->release &&
                    manifest.spec == StepSpec(*step.step) && manifest.step == step.step->name &&
                    manifest.path == step.step->directory.path;
  if (!same) return "the manifest is of another deployment";
  std::vector<ManifestArtifact> wanted;
  for (const PlacedArtifact& placed : ContentOf(step)) {
    wanted.push_back({placed.record.name, placed.record.kind, placed.record.sha256});
    if (placed.record.kind != ArtifactKind::kFile) continue;
    const bool known = std::any_of(
        manifest.entries.begin(), manifest.entries.end(), [&placed](const ManifestEntry& entry) {
          return entry.path == placed.name && entry.sha256 == placed.record.sha256;
        });
    if (!known) return fmt::format("the manifest has other bytes for {}", Shown(placed.name));
  }
  return wanted == manifest.artifacts ? "" : "the manifest names other artifacts";
}

class Comparison {
 public:
  Comparison(int folder, std::string key, bool full, StampMemory& memory)
      : folder_(folder), key_(std::move(key)), full_(full), memory_(memory) {}

  std::string Compare(const std::vector<ManifestEntry>& wanted,
                      const std::vector<ListedEntry>& found) {
    auto want = wanted.begin();
    auto have = found.begin();
    while (want != wanted.end() || have != found.end()) {
      if (have != found.end() && have->path == kManifestName) {
        ++have;
      } else if (have == found.end() || (want != wanted.end() && want->path < have->path)) {
        Add(fmt::format("{} is missing", Shown(want->path)));
        ++want;
      } else if (want == wanted.end() || have->path < want->path) {
        Add(fmt::format("{} is not of the release", Shown(have->path)));
        ++have;
      } else {
        const std::string fault = EntryFault(*want, *have);
        if (!fault.empty()) Add(fmt::format("{}: {}", Shown(want->path), fault));
        ++want;
        ++have;
      }
    }
    if (count_ > faults_.size()) faults_.push_back(fmt::format("{} more", count_ - faults_.size()));
    return Join(faults_, "; ");
  }

 private:
  void Add(std::string fault) {
    ++count_;
    if (faults_.size() < kShownFaults) faults_.push_back(std::move(fault));
  }

  std::string EntryFault(const ManifestEntry& want, const ListedEntry& have) {
    if (want.kind != have.kind) return "is another kind of file";
    if (want.kind == EntryKind::kLink) {
      return want.link_target == have.link_target ? "" : "the link points elsewhere";
    }
    if (want.mode != have.mode) {
      return fmt::format("mode {:04o} instead of {:04o}", have.mode, want.mode);
    }
    return want.kind == EntryKind::kFile ? BytesFault(want, have) : "";
  }

  std::string BytesFault(const ManifestEntry& want, const ListedEntry& have) {
    if (want.stamp.size != have.stamp.size) return "content changed";
    const bool known = want.stamp == have.stamp || memory_.Knows(key_, have.path, have.stamp);
    if (known && !full_) return "";
    const std::size_t slash = have.path.rfind('/');
    const std::string parent = slash == std::string::npos ? "" : have.path.substr(0, slash);
    const std::string name = slash == std::string::npos ? have.path : have.path.substr(slash + 1);
    const FolderBeneath inside = OpenBeneath(folder_, parent);
    const FileDescriptor file =
        inside.folder.valid() ? OpenFileIn(inside.folder.get(), name) : FileDescriptor();
    if (!file.valid()) return "went away";
    if (Sha256File(PathThrough(file.get())) != want.sha256) return "content changed";
    if (!(want.stamp == have.stamp)) memory_.Remember(key_, have.path, have.stamp);
    return "";
  }

  int folder_;
  std::string key_;
  bool full_;
  StampMemory& memory_;
  std::size_t count_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace

std::optional<Result<Manifest>> ReadManifest(int folder) {
  const FileDescriptor file = OpenFileIn(folder, kManifestName);
  if (!file.valid()) return std::nullopt;
  return ParseManifest(ReadFile(PathThrough(file.get()), kMaxManifestBytes));
}

std::string VersionFault(
    int folder, const TargetStep& step, const TargetPlace& place, bool full, StampMemory& memory) {
  const std::optional<Result<Manifest>> manifest = ReadManifest(folder);
  if (!manifest) return fmt::format("{} has no manifest: it is half made", place.version);
  if (!*manifest) return fmt::format("the manifest of {} was changed", place.version);
  const std::string head = HeadFault(**manifest, step);
  if (!head.empty()) return head;
  const std::vector<ManifestEntry>& entries = (*manifest)->entries;
  return Comparison(folder, place.LinkText(), full, memory)
      .Compare(entries, ListFolder(folder, entries.size() + kExtraEntries));
}

}  // namespace failgate
