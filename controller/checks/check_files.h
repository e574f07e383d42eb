// The files beside environments/E/P.yaml that checks and commands run in.
#pragma once

#include <filesystem>

#include "controller/base/ids.h"
#include "controller/git/repository.h"
#include "policies/check_facts.h"

namespace failgate {

/// environments/E at `commit` without environment.yaml and PROJECT.yaml, which failgate reads.
/// Throws as Repository::FindFiles.
[[nodiscard]] CheckFilesFact CheckFilesAt(const Repository& operations,
                                          const CommitId& commit,
                                          const EnvironmentName& environment);

/// Writes them into `folder`, made here. Throws Error as Repository::ExportTree, and (kNeedsChange)
/// when they are not what `files` says.
void LayOutCheckFiles(const Repository& operations,
                      const CheckFilesFact& files,
                      const EnvironmentName& environment,
                      const std::filesystem::path& folder,
                      const ExportLimits& limits);

}  // namespace failgate
