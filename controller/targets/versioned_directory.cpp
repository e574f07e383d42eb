#include "controller/targets/versioned_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/text.h"
#include "controller/targets/beneath.h"
#include "controller/targets/health_check.h"
#include "controller/targets/owned_link.h"
#include "controller/targets/version_check.h"
#include "controller/targets/version_folder.h"

namespace failgate {
namespace {

using Kind = Observation::Kind;

Observation Foreign(const TargetPlace& place, const std::string& where, const std::string& what) {
  return {Kind::kForeign,
          fmt::format("{}: {}; it is never replaced: move it away",
                      OneLine((place.root / where).lexically_normal().string(), 200),
                      what)};
}

Observation NoFolder(const TargetPlace& place, const FolderBeneath& walk) {
  return Foreign(place, walk.in_the_way, "no folder (links below the root are not followed)");
}

/// nullopt: the link is ours and says what it should.
std::optional<Observation> LinkFault(int root, const TargetPlace& place) {
  const FolderBeneath parent = OpenBeneath(root, place.parent);
  if (parent.Absent()) return Observation{Kind::kAbsent, "nothing is deployed there"};
  if (!parent.folder.valid()) return NoFolder(place, parent);
  const LinkSeen seen = LookAtLink(parent.folder.get(), place);
  switch (seen.kind) {
    case LinkSeen::Kind::kAbsent:
      return Observation{Kind::kAbsent, "the link is not there"};
    case LinkSeen::Kind::kForeign:
      return Foreign(place,
                     (std::filesystem::path(place.parent) / place.link).string(),
                     seen.detail + " stands there");
    case LinkSeen::Kind::kOurs:
      break;
  }
  if (seen.version == place.version) return std::nullopt;
  return Observation{Kind::kDiffers,
                     fmt::format("the link points to {}", OneLine(seen.version, 100))};
}

Observation FolderState(
    int root, const TargetStep& step, const TargetPlace& place, bool full, StampMemory& memory) {
  const std::string relative = fmt::format("{}/{}", place.pair_folder, place.version);
  const FolderBeneath version = OpenBeneath(root, relative);
  if (version.Absent()) {
    return {Kind::kDiffers, fmt::format("version folder {} is not there", place.version)};
  }
  if (!version.folder.valid()) {
    if (version.in_the_way != relative) return NoFolder(place, version);
    return Foreign(place, relative, "no folder stands there");
  }
  const std::string fault = VersionFault(version.folder.get(), step, place, full, memory);
  return {fault.empty() ? Kind::kAsWanted : Kind::kDiffers, fault};
}

[[noreturn]] void RefuseForeign(const Observation& seen) {
  throw Error(Remedy::kNeedsChange, seen.detail);
}

FileDescriptor MakeOrRefuse(int root, const TargetPlace& place, const std::string& relative) {
  FolderBeneath made = MakeBeneath(root, relative);
  if (!made.folder.valid()) RefuseForeign(NoFolder(place, made));
  return std::move(made.folder);
}

/// A link of the step that lies in this root says `version`.
bool Linked(int root_fd,
            const std::filesystem::path& root,
            const TargetStep& step,
            const std::string& version) {
  if (!step.step->directory.path.starts_with((root / "").string())) return false;
  const TargetPlace place = PlaceOf(step, {root});
  const FolderBeneath parent = OpenBeneath(root_fd, place.parent);
  if (!parent.folder.valid()) return false;
  const LinkSeen seen = LookAtLink(parent.folder.get(), place);
  return seen.kind == LinkSeen::Kind::kOurs && seen.version == version;
}

/// The link that this version was made for, as its manifest says, still points to it.
bool LinkedByManifest(int root_fd,
                      const std::filesystem::path& root,
                      const TargetStep& pair,
                      int version_folder,
                      const std::string& version) {
  const auto manifest = ReadManifest(version_folder);
  if (!manifest || !*manifest) return false;
  DeployStep made_for;
  made_for.name = (*manifest)->step;
  made_for.directory.path = (*manifest)->path;
  Deployable deployable;
  deployable.release = (*manifest)->release;
  return Linked(root_fd, root, {pair.environment, pair.project, &deployable, &made_for}, version);
}

}  // namespace

VersionedDirectory::VersionedDirectory(const ArtifactStore& store,
                                       StepRunner& runner,
                                       Options options)
    : store_(store), runner_(runner), options_(std::move(options)) {}

Observation VersionedDirectory::Observe(const TargetStep& step, bool full) {
  const TargetPlace place = PlaceOf(step, options_.roots);
  const FileDescriptor root = OpenRoot(place.root);
  if (const auto fault = LinkFault(root.get(), place)) return *fault;
  return FolderState(root.get(), step, place, full, memory_);
}

void VersionedDirectory::Apply(const TargetStep& step) {
  const TargetPlace place = PlaceOf(step, options_.roots);
  const FileDescriptor root = OpenRoot(place.root);
  const std::optional<Observation> link = LinkFault(root.get(), place);
  if (link && link->kind == Kind::kForeign) RefuseForeign(*link);
  // Full: a repair must see what a quick look trusts.
  const Observation folder = FolderState(root.get(), step, place, true, memory_);
  if (folder.kind == Kind::kForeign) RefuseForeign(folder);
  if (folder.kind != Kind::kAsWanted) {
    const FileDescriptor pair = MakeOrRefuse(root.get(), place, place.pair_folder);
    memory_.Forget(place.LinkText());
    MakeVersion(pair.get(), step, place, store_);
  }
  if (link) {
    const FileDescriptor parent = MakeOrRefuse(root.get(), place, place.parent);
    FailPoint("version-placed");
    SwitchLink(parent.get(), place);
    FailPoint("link-switched");
    return;
  }
  const FolderBeneath parent = OpenBeneath(root.get(), place.parent);
  if (parent.folder.valid()) RemoveStaleLink(parent.folder.get(), place);
}

HealthAnswer VersionedDirectory::Healthy(const TargetStep& step,
                                         Milliseconds within,
                                         const std::stop_token& stop) {
  if (!step.step->health) return {true, ""};
  const HealthCheck& check = *step.step->health;
  switch (check.kind) {
    case HealthCheck::Kind::kHttp:
      return TryHttp(check.value, within);
    case HealthCheck::Kind::kTcp:
      return TryTcp(check.value, within, stop);
    case HealthCheck::Kind::kCommand:
      break;
  }
  HealthCommand command;
  command.script = check.value;
  command.deployed = step.step->directory.path;
  command.env = {{"FAILGATE_PROJECT", step.project.text()},
                 {"FAILGATE_ENVIRONMENT", step.environment.text()},
                 {"FAILGATE_RELEASE", step.deployable->release.text()}};
  command.limits = options_.limits;
  try {
    return TryCommand(runner_, options_.workspaces, command, within, stop);
  } catch (const Error& error) {
    // A check that cannot be made is no pass, and no fault of the deployment's own steps.
    return {false, fmt::format("command: {}", error.what())};
  }
}

void VersionedDirectory::Prune(const TargetStep& step, const std::vector<TargetStep>& keep) {
  std::vector<TargetStep> kept = keep;
  kept.push_back(step);
  for (const std::filesystem::path& root : options_.roots) {
    std::error_code ignored;
    if (std::filesystem::is_directory(root, ignored)) PruneRoot(root, step, kept);
  }
}

void VersionedDirectory::PruneRoot(const std::filesystem::path& root,
                                   const TargetStep& step,
                                   const std::vector<TargetStep>& keep) {
  const FileDescriptor root_fd = OpenRoot(root);
  const FolderBeneath pair = OpenBeneath(root_fd.get(), PairFolder(step));
  if (!pair.folder.valid()) return;
  for (const std::string& name : NamesIn(pair.folder.get(), PairFolder(step))) {
    const FolderBeneath version = OpenBeneath(pair.folder.get(), name);
    if (!version.folder.valid()) continue;
    const bool stays = std::any_of(keep.begin(), keep.end(), [&](const TargetStep& other) {
      return VersionName(other) == name || Linked(root_fd.get(), root, other, name);
    });
    if (stays || LinkedByManifest(root_fd.get(), root, step, version.folder.get(), name)) continue;
    FailPoint("pruning");
    memory_.Forget((root / PairFolder(step) / name).string());
    RemoveTree(PathThrough(pair.folder.get(), name));
  }
}

void VersionedDirectory::Remove(const TargetStep& step) {
  const TargetPlace place = PlaceOf(step, options_.roots);
  const FileDescriptor own = OpenRoot(place.root);
  const std::optional<Observation> link = LinkFault(own.get(), place);
  if (link && link->kind == Kind::kForeign) RefuseForeign(*link);
  const FolderBeneath parent = OpenBeneath(own.get(), place.parent);
  if (parent.folder.valid()) RemoveLink(parent.folder.get(), place);
  for (const std::filesystem::path& root : options_.roots) {
    std::error_code ignored;
    if (std::filesystem::is_directory(root, ignored)) RemoveRoot(root, step);
  }
}

/// Links of former deploy files go too, as the manifests of their versions name them.
void VersionedDirectory::RemoveRoot(const std::filesystem::path& root, const TargetStep& step) {
  const FileDescriptor root_fd = OpenRoot(root);
  const FolderBeneath pair = OpenBeneath(root_fd.get(), PairFolder(step));
  if (!pair.folder.valid()) return;
  std::vector<std::string> versions;
  for (const std::string& name : NamesIn(pair.folder.get(), PairFolder(step))) {
    const FolderBeneath version = OpenBeneath(pair.folder.get(), name);
    if (!version.folder.valid()) continue;
    versions.push_back(name);
    const auto manifest = ReadManifest(version.folder.get());
    if (!manifest || !*manifest || !(*manifest)->path.starts_with((root / "").string())) continue;
    DeployStep made_for;
    made_for.name = (*manifest)->step;
    made_for.directory.path = (*manifest)->path;
    const TargetPlace place =
        PlaceOf({step.environment, step.project, step.deployable, &made_for}, {root});
    const FolderBeneath parent = OpenBeneath(root_fd.get(), place.parent);
    if (!parent.folder.valid()) continue;
    // What somebody put where a former deploy file had its link is theirs.
    const bool foreign = LookAtLink(parent.folder.get(), place).kind == LinkSeen::Kind::kForeign;
    if (!foreign) RemoveLink(parent.folder.get(), place);
  }
  FailPoint("link-removed");
  for (const std::string& name : versions) {
    memory_.Forget((root / PairFolder(step) / name).string());
    RemoveTree(PathThrough(pair.folder.get(), name));
  }
}

}  // namespace failgate
