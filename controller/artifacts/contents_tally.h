// The findings of all files of one artifact, few however many files there are.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "controller/artifacts/formats/recognised_format.h"

namespace failgate {

/// Not thread-safe.
class ContentsTally {
 public:
  /// `path` inside the folder; empty for a file artifact.
  void Add(const std::string& path, long long size, const RecognisedFormat& found);
  [[nodiscard]] ArtifactContents Contents() const;

 private:
  void NoteDistribution(const std::string& path);

  std::map<std::pair<std::string, LoadSafety>, FormatFinding> findings_;
  std::set<std::string> distributions_;
  bool distributions_cut_ = false;
  long long files_ = 0;
  long long bytes_ = 0;
};

}  // namespace failgate
