// A person asks for a run: `failgate run PROJECT`.
#pragma once

#include <optional>
#include <string>

#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/config/server_file.h"
#include "controller/pipeline/pipeline_file.h"
#include "controller/pipeline/run_draft.h"
#include "controller/store/run.h"
#include "controller/store/step_store.h"
#include "controller/sync/run_data_version.h"
#include "controller/sync/source_mirror.h"

namespace failgate {

struct RunRequest {
  ProjectName project;
  std::string
      revision;  ///< branch, or 7 digits or more of a commit; empty: head of the code branch
  std::optional<TrainingMode> training;
  bool again = false;  ///< also when the same run was there before
  Person requested_by;
  /// Not empty: once more for this purpose, and not a second time; instead of `again`.
  std::string again_for = {};
  std::string reason = {};  ///< empty: who asked for it
};

/// The run as it will be queued. A revision that lies on a code branch gives a manual run; one that
/// lies on other branches only gives a check, because those never become a release. Refusals:
/// source_not_read, unknown_revision, ambiguous_revision, no_code_branch, no_pipeline,
/// invalid_pipeline, wrong_project, nothing_to_run, those of RunDataVersion::Of. Throws Error as
/// Repository does.
[[nodiscard]] Result<NewRun> DraftRequestedRun(const SourceSettings& source,
                                               const SourceMirror& mirror,
                                               const StepStore& steps,
                                               const RunDataVersion& data,
                                               const RunRequest& request,
                                               const Clock& clock);

/// A run of the project's newest code: of its first code branch among `heads`. `draft` says what
/// asked for it. Refusals as above.
[[nodiscard]] Result<NewRun> DraftDataRun(const SourceSettings& source,
                                          const SourceMirror& mirror,
                                          std::vector<RefEntry> heads,
                                          const StepStore& steps,
                                          const RunDataVersion& data,
                                          const ProjectName& project,
                                          RunDraft draft);

}  // namespace failgate
