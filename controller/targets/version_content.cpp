#include "controller/targets/version_content.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/targets/manifest.h"

namespace failgate {
namespace {

const ArtifactRecord& Find(const TargetStep& step, const std::string& name) {
  for (const ArtifactRecord& record : step.deployable->artifacts) {
    if (record.name == name) return record;
  }
  throw Error(Remedy::kNeedsChange,
              fmt::format("{} has no artifact {}, which step {} deploys",
                          step.deployable->release.text(),
                          OneLine(name, 80),
                          step.step->name));
}

}  // namespace

std::vector<PlacedArtifact> ContentOf(const TargetStep& step) {
  std::vector<PlacedArtifact> content;
  for (const std::string& name : step.step->directory.artifacts) {
    PlacedArtifact placed;
    placed.record = Find(step, name);
    placed.name =
        placed.record.kind == ArtifactKind::kFile ? placed.record.base_name : placed.record.name;
    if (!IsSafeRelativePath(placed.name) || placed.name.find('/') != std::string::npos ||
        placed.name == kManifestName) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("artifact {} of {} would lie at '{}', which is no name for it",
                              name,
                              step.deployable->release.text(),
                              OneLine(placed.name, 80)));
    }
    for (const PlacedArtifact& other : content) {
      if (other.name == placed.name) {
        throw Error(Remedy::kNeedsChange,
                    fmt::format("artifacts {} and {} of {} would both lie at {}: deploy them in "
                                "two steps",
                                other.record.name,
                                name,
                                step.deployable->release.text(),
                                placed.name));
      }
    }
    content.push_back(std::move(placed));
  }
  return content;
}

void CheckBytesAreThere(const TargetStep& step,
                        const std::vector<PlacedArtifact>& content,
                        const ArtifactStore& store) {
  for (const PlacedArtifact& placed : content) {
    if (!store.Has(placed.record.sha256)) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("the bytes of artifact {} of {} (sha256:{}) are no longer stored on "
                              "this machine: run its pipeline again or choose another release",
                              placed.record.name,
                              step.deployable->release.text(),
                              placed.record.sha256));
    }
  }
}

}  // namespace failgate
