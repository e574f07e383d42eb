#include "controller/artifacts/contents_tally.h"

#include <algorithm>

#include "controller/base/text.h"
#include "policies/requirements_facts.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxText = 200;
constexpr long long kMaxBytes = 1LL << 50U;
constexpr std::size_t kMaxDistributions = 2000;
constexpr std::size_t kMaxName = 100;

}  // namespace

void ContentsTally::Add(const std::string& path, long long size, const RecognisedFormat& found) {
  ++files_;
  bytes_ = std::min(kMaxBytes, bytes_ + std::max(size, found.unpacked));
  FormatFinding& finding = findings_[{found.format, found.safety}];
  const std::string shown = OneLine(path, kMaxText);
  if (finding.files == 0 || shown < finding.example) {
    finding.example = shown;
    finding.why = OneLine(found.why, kMaxText);
  }
  finding.format = found.format;
  finding.safety = found.safety;
  ++finding.files;
  NoteDistribution(path);
  for (const std::string& name : found.names) NoteDistribution(name);
}

/// pip leaves NAME-VERSION.dist-info beside what it installs; older tools NAME….egg-info.
void ContentsTally::NoteDistribution(const std::string& path) {
  for (const std::string& part : Split(path, '/')) {
    std::size_t end = std::string::npos;
    for (const std::string_view ending : {".dist-info", ".egg-info"}) {
      if (part.size() > ending.size() &&
          part.compare(part.size() - ending.size(), ending.size(), ending) == 0) {
        end = std::min(part.find('-'), part.size() - ending.size());
      }
    }
    if (end == std::string::npos) continue;
    const std::string name = NormalisedDistribution(part.substr(0, end));
    if (name.size() > kMaxName || OneLine(name, kMaxName) != name ||
        (distributions_.size() >= kMaxDistributions && distributions_.count(name) == 0)) {
      distributions_cut_ = true;
    } else {
      distributions_.insert(name);
    }
  }
}

ArtifactContents ContentsTally::Contents() const {
  ArtifactContents contents;
  contents.files = files_;
  contents.bytes = bytes_;
  contents.distributions.assign(distributions_.begin(), distributions_.end());
  contents.distributions_cut = distributions_cut_;
  for (const auto& finding : findings_) contents.formats.push_back(finding.second);
  return contents;
}

}  // namespace failgate
