// The files of a pair as one commit of the log has them.
#pragma once

#include <optional>

#include "controller/base/ids.h"
#include "controller/deploylog/log_state.h"
#include "controller/git/repository.h"

namespace failgate {

/// The state with its ends; nullopt when there is none. Throws Error(kNeedsChange) for a file that
/// cannot be read as what it must be.
[[nodiscard]] std::optional<EnvironmentState> ReadEnvironment(const Repository& repository,
                                                              const CommitId& commit,
                                                              const EnvironmentName& environment,
                                                              const ProjectName& project);
/// The ends that lie beside the state; throws as ReadEnvironment.
[[nodiscard]] std::vector<HistoryEntry> ReadEndsBeside(const Repository& repository,
                                                       const CommitId& commit,
                                                       const EnvironmentName& environment,
                                                       const ProjectName& project);

}  // namespace failgate
