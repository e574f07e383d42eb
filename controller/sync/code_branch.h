// Where a project is released from: the branch that its pipeline calls a code branch.
#pragma once

#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/config/server_file.h"
#include "controller/git/repository.h"
#include "controller/pipeline/pipeline_file.h"
#include "controller/sync/source_mirror.h"

namespace failgate {

/// A commit of a project on one of its branches.
struct CodePlace {
  RefEntry at;  ///< the branch, and the commit
  bool is_code_branch = false;
  Pipeline pipeline;  ///< at that commit
};

[[nodiscard]] bool IsCodeBranch(const Pipeline& pipeline, const std::string& ref);

/// Refusals: no_pipeline, invalid_pipeline, wrong_project. Throws Error as Repository does.
[[nodiscard]] Result<Pipeline> PipelineAt(const Repository& repository,
                                          const SourceSettings& source,
                                          const ProjectName& project,
                                          const CommitId& revision);

/// Heads in the order people think of them: main, master, then by name.
[[nodiscard]] std::vector<RefEntry> OrderedHeads(std::vector<RefEntry> heads);

/// The head that runs for the project when nobody names one: the first of `heads` that is a code
/// branch. Refusals: those of PipelineAt for the first head, no_code_branch.
[[nodiscard]] Result<CodePlace> FirstCodeBranch(const Repository& repository,
                                                const SourceSettings& source,
                                                const std::vector<RefEntry>& heads,
                                                const ProjectName& project);

}  // namespace failgate
