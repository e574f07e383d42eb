#include "controller/mlflow/mlflow_recorder.h"

#include <algorithm>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/mlflow/release_run.h"

namespace failgate {
namespace {

constexpr int kMaxPages = 1000;

}  // namespace

/// Asked once a life: whatever is made later is made by us.
std::set<std::string>& MlflowRecorder::Known(const ProjectName& project) {
  if (const auto known = known_.find(project); known != known_.end()) return known->second;
  std::set<std::string> names;
  const MlflowTracking& tracking = recording_.tracking();
  if (const auto experiment = tracking.FindExperiment(project.text())) {
    std::string page;
    for (int pages = 0; pages < kMaxPages; ++pages) {
      const MlflowRunPage found = tracking.FindRuns(*experiment, kMlflowReleaseTag, "", page);
      for (const MlflowRun& run : found.runs) {
        const auto tag = run.tags.find(kMlflowReleaseTag);
        if (tag != run.tags.end() && (run.deleted || IsRecorded(run))) names.insert(tag->second);
      }
      page = found.next;
      if (page.empty()) break;
    }
  }
  return known_.emplace(project, std::move(names)).first->second;
}

std::vector<ReleaseName> MlflowRecorder::Owed(ReleaseLog& log) {
  std::vector<std::pair<ProjectName, std::vector<ReleaseName>>> held;
  std::size_t count = 0;
  for (const ProjectName& project : projects_) {
    held.emplace_back(project, log.Releases(project));
    const auto known = known_.find(project);
    for (const ReleaseName& release : held.back().second) {
      if (known == known_.end() || known->second.count(release.text()) == 0) ++count;
    }
  }
  // Counted before the server is asked: it may not answer, and then all of it is owed.
  progress_.Lock()->owed = count;
  std::vector<ReleaseName> owed;
  for (const auto& [project, releases] : held) {
    if (releases.empty()) continue;
    const std::set<std::string>& known = Known(project);
    for (const ReleaseName& release : releases) {
      if (known.count(release.text()) == 0) owed.push_back(release);
    }
  }
  return owed;
}

bool MlflowRecorder::Step(ReleaseLog& log) {
  try {
    const std::vector<ReleaseName> owed = Owed(log);
    std::size_t left = owed.size();
    progress_.Lock()->owed = left;
    std::optional<Error> refused;
    int told = 0;
    for (const ReleaseName& release : owed) {
      if (told++ == kAtOnce) break;
      const auto record = log.Record(release);
      if (!record) {
        log::Warning("a release cannot be told to MLflow: its record cannot be read",
                     {{"release", release.text()}});
        continue;
      }
      try {
        static_cast<void>(recording_.Record(*record));
        Known(record->project).insert(release.text());
        progress_.Lock()->owed = --left;
      } catch (const Error& error) {
        if (error.remedy() == Remedy::kRetry) throw;
        refused = error;
      }
    }
    if (refused) throw *refused;
    progress_.Lock()->trouble.clear();
    return left > 0 && told > kAtOnce;
  } catch (const Error& error) {
    progress_.Lock()->trouble = error.what();
    throw;
  }
}

}  // namespace failgate
