// The order of a project's releases.
#pragma once

#include "controller/base/ids.h"

namespace failgate {

/// 42 of "churn-42"; 0 for what is no release name.
[[nodiscard]] inline long ReleaseNumber(const ReleaseName& release) {
  const auto parts = SplitReleaseName(release.text());
  return parts ? parts->second : 0;
}

}  // namespace failgate
