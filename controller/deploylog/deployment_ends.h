// ENVIRONMENT/PROJECT.ends/RELEASE.json: how the deployments of one release ended there. They lie
// beside the state of the pair, because every fact writes that and few facts end a deployment.
// Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/deploylog/log_state.h"

namespace failgate {

/// "churn.ends": never the name of a state, whatever projects are called.
[[nodiscard]] std::string EndsFolderName(const ProjectName& project);
/// "prod/churn.ends".
[[nodiscard]] std::string EndsFolder(const EnvironmentName& environment,
                                     const ProjectName& project);
[[nodiscard]] std::string EndsPath(const EnvironmentName& environment,
                                   const ProjectName& project,
                                   const ReleaseName& release);
/// Of the name of a file in EndsFolder; nullopt when it is none of ours.
[[nodiscard]] std::optional<ReleaseName> ReleaseOfEndsFile(std::string_view name);

/// Of one release, in the order of EnvironmentState::history.
[[nodiscard]] std::string WriteEnds(const std::vector<HistoryEntry>& ends);
[[nodiscard]] Result<std::vector<HistoryEntry>> ReadEnds(const ReleaseName& release,
                                                         std::string_view json);
/// As EnvironmentState::history must be: the newest last.
void SortEnds(std::vector<HistoryEntry>& history);

/// What files say by release; nullopt = there is none any more.
using EndsFiles = std::map<ReleaseName, std::optional<std::string>>;
/// The files that differ when `after` follows upon `before`.
[[nodiscard]] EndsFiles ChangedEnds(const EnvironmentState& before, const EnvironmentState& after);

}  // namespace failgate
