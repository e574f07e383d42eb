#include "controller/artifacts/contents_tally.h"

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxText = 200;
constexpr long long kMaxBytes = 1LL << 50U;

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
}

ArtifactContents ContentsTally::Contents() const {
  ArtifactContents contents;
  contents.files = files_;
  contents.bytes = bytes_;
  for (const auto& finding : findings_) contents.formats.push_back(finding.second);
  return contents;
}

}  // namespace failgate
