#include "controller/targets/target_place.h"

#include <fmt/format.h>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kSpecDigits = 12;

bool IsPart(const std::string& name) {
  return IsSafeRelativePath(name) && name.find('/') == std::string::npos;
}

/// Without a slash at the end; "" for "/".
std::string PlainRoot(const std::filesystem::path& root) {
  std::string text = root.lexically_normal().string();
  while (!text.empty() && text.back() == '/') text.pop_back();
  return text;
}

}  // namespace

std::string TargetPlace::LinkTextOf(const std::string& other_version) const {
  return fmt::format("{}/{}/{}", PlainRoot(root), pair_folder, other_version);
}

std::string StepSpec(const DeployStep& step) {
  // Lengths before texts: no two steps share their bytes.
  std::string canonical = "failgate directory 1\n";
  const auto add = [&canonical](const std::string& text) {
    canonical += fmt::format("{} {}\n", text.size(), text);
  };
  add(step.name);
  add(step.directory.path);
  for (const std::string& artifact : step.directory.artifacts) add(artifact);
  return Sha256Hex(canonical).substr(0, kSpecDigits);
}

std::string VersionName(const TargetStep& step) {
  return fmt::format("{}-{}", step.deployable->release.text(), StepSpec(*step.step));
}

std::string PairFolder(const TargetStep& step) {
  if (!IsPart(step.project.text()) || !IsPart(step.environment.text())) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("deploying {} to {}: the names are no folder names",
                            OneLine(step.project.text(), 80),
                            OneLine(step.environment.text(), 80)));
  }
  return fmt::format("{}/{}/{}", kOwnFolder, step.project.text(), step.environment.text());
}

TargetPlace PlaceOf(const TargetStep& step, const std::vector<std::filesystem::path>& roots) {
  const std::string& path = step.step->directory.path;
  const std::string shown = OneLine(path, 200);
  if (path.empty() || path.front() != '/' || !IsSafeRelativePath(path.substr(1))) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("deploying to '{}': not an absolute, plain path", shown));
  }
  TargetPlace place;
  place.pair_folder = PairFolder(step);
  place.version = VersionName(step);
  if (!IsPart(place.version)) {
    throw Error(Remedy::kNeedsChange, fmt::format("deploying to {}: no release name", shown));
  }
  std::string inside;
  std::size_t longest = 0;
  bool found = false;
  for (const std::filesystem::path& root : roots) {
    const std::string text = PlainRoot(root);
    if (!path.starts_with(text + "/") || (found && text.size() < longest)) continue;
    found = true;
    longest = text.size();
    place.root = text.empty() ? "/" : text;
    inside = path.substr(text.size() + 1);
  }
  if (!found) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("deploying to {}: it lies in none of the roots that the server file "
                            "allows (targets.directory.roots)",
                            shown));
  }
  const std::size_t slash = inside.rfind('/');
  place.parent = slash == std::string::npos ? "" : inside.substr(0, slash);
  place.link = slash == std::string::npos ? inside : inside.substr(slash + 1);
  if (inside == kOwnFolder || inside.starts_with(std::string(kOwnFolder) + "/")) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("deploying to {}: {}/{} is failgate's own folder",
                            shown,
                            place.root.string(),
                            kOwnFolder));
  }
  return place;
}

}  // namespace failgate
