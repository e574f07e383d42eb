#include "controller/daemon/queued_comparisons.h"

#include <fmt/format.h>

#include "controller/base/error.h"
#include "controller/base/log.h"

namespace failgate {

void QueuedComparisons::Want(const ReleaseRecord& release, const ReleaseName& champion) {
  const std::pair<CommitId, ReleaseName> key(release.revision, champion);
  if (queued_.count(key) > 0) {
    return;
  }
  RunRequest request;
  request.project = release.project;
  request.revision = release.revision.text();
  request.training = TrainingMode::kFull;
  request.again_for = champion.text();
  request.reason = fmt::format("comparison of {} with {}", release.name.text(), champion.text());
  try {
    const Result<RunId> run = ask_(request);
    if (run) {
      queued_.insert(key);
      log::Info(
          "a run is repeated: another champion runs than it was compared with",
          {{"release", release.name.text()}, {"champion", champion.text()}, {"run", run->text()}});
      return;
    }
    log::Warning("a run that should be compared again cannot be repeated",
                 {{"release", release.name.text()}, {"error", run.error().text}});
  } catch (const Error& error) {
    // The next pass asks again; meanwhile the gate waits.
    log::Warning("a run that should be compared again is not queued yet",
                 {{"release", release.name.text()}, {"error", error.what()}});
  }
}

}  // namespace failgate
