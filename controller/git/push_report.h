// What `git push --porcelain` says about one ref, judged. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/git/remote.h"

namespace failgate {

/// nullopt when the report has no verdict on `ref`: the push failed before the remote judged it.
/// `complaint`: what the remote wrote beside it (a hook's words), already one redacted line.
[[nodiscard]] std::optional<PushResult> JudgePushReport(std::string_view report,
                                                        const std::string& ref,
                                                        const std::string& complaint);

}  // namespace failgate
