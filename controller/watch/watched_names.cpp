#include "controller/watch/watched_names.h"

#include <algorithm>

#include "controller/base/ids.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

std::string BaseName(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// ".done" ends the name of the file; "_SUCCESS" is a whole name.
bool IsEnd(const std::string& marker) {
  return IsHiddenName(marker);
}

}  // namespace

bool IsHiddenName(const std::string& name) {
  return name.empty() || name.front() == '.';
}

MarkerKind MarkerKindOf(const WatchSettings& settings, const std::string& path) {
  if (settings.completion != Completion::kMarker) {
    return MarkerKind::kNone;
  }
  const std::string name = BaseName(path);
  const std::string& marker = settings.marker;
  if (!IsEnd(marker)) {
    return name == marker ? MarkerKind::kOfFolder : MarkerKind::kNone;
  }
  const bool ends = name.size() > marker.size() &&
                    name.compare(name.size() - marker.size(), marker.size(), marker) == 0;
  return ends ? MarkerKind::kOfFile : MarkerKind::kNone;
}

std::string MarkerOf(const WatchSettings& settings, const std::string& path) {
  if (IsEnd(settings.marker)) {
    return path + settings.marker;
  }
  return path.substr(0, path.size() - BaseName(path).size()) + settings.marker;
}

bool IsWatchedName(const WatchSettings& settings, const std::string& path) {
  if (IsHiddenName(BaseName(path)) || !IsSafeRelativePath(path) ||
      MarkerKindOf(settings, path) != MarkerKind::kNone) {
    return false;
  }
  const auto& patterns = settings.patterns;
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return GlobMatches(pattern, path);
  });
}

}  // namespace failgate
