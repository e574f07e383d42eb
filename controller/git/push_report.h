// What git says about one ref that was not taken, judged. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/git/remote.h"

namespace failgate {

/// `summary` as git prints it: "[rejected] (stale info)", "[remote rejected] (reason)".
/// `complaint`: what the remote wrote beside it (a hook's words), already one redacted line.
[[nodiscard]] PushResult JudgeRef(const std::string& summary, const std::string& complaint);

/// Of `git push --porcelain`. nullopt when the report has no verdict on `ref`: the push failed
/// before the remote judged it.
[[nodiscard]] std::optional<PushResult> JudgePushReport(std::string_view report,
                                                        const std::string& ref,
                                                        const std::string& complaint);

}  // namespace failgate
