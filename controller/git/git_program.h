// The git program as a child whose behaviour depends on nothing but what we say. For this folder
// only.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "controller/process/process.h"

namespace failgate {

/// Settings in git's own words; they win over every file.
using GitSettings = std::vector<std::pair<std::string, std::string>>;

/// Settings that hold for every git child: no gc behind our back, no hooks, durable objects and
/// refs.
[[nodiscard]] GitSettings CommonGitSettings();

/// `git ARGUMENTS` with an empty environment but for what git needs. global_config: read as the
/// user's configuration, also by the other end of a file remote; "/dev/null" = none.
[[nodiscard]] ProcessSpec GitSpec(const std::vector<std::string>& arguments,
                                  const GitSettings& settings,
                                  const std::filesystem::path& home,
                                  const std::filesystem::path& global_config);

/// What git said on standard error as one redacted line, without its standing advice.
[[nodiscard]] std::string GitComplaint(const ProcessResult& result, Milliseconds timeout);

}  // namespace failgate
