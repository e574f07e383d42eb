#include "controller/sync/data_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/fail_point.h"
#include "controller/data/data_parts.h"
#include "controller/sync/run_request.h"

namespace failgate {
namespace {

constexpr std::size_t kRunsLookedAt = 200;

}  // namespace

DataPlanner::DataPlanner(std::vector<SourceSettings> sources,
                         std::filesystem::path mirrors,
                         HeadStore& heads,
                         RunStore& runs,
                         StepStore& steps,
                         const DataVersions& data,
                         const RunDataVersion& versions,
                         const Clock& clock)
    : sources_(std::move(sources)),
      mirrors_(std::move(mirrors)),
      heads_(heads),
      runs_(runs),
      steps_(steps),
      data_(data),
      versions_(versions),
      clock_(clock) {}

const SourceSettings* DataPlanner::CodeOf(const ProjectName& project) const {
  for (const SourceSettings& source : sources_) {
    const auto& projects = source.projects;
    if (source.kind == SourceKind::kCode &&
        std::find(projects.begin(), projects.end(), project) != projects.end()) {
      return &source;
    }
  }
  return nullptr;
}

DataPlanner::Seen DataPlanner::Look(const NewRun& wanted) const {
  RunFilter filter;
  filter.project = wanted.project;
  filter.limit = kRunsLookedAt;
  const auto data = DataSourcesOf(wanted.data_version);
  Seen seen;
  for (const Run& run : runs_.List(filter)) {
    if (run.trigger == RunTrigger::kCheck) {
      continue;
    }
    const bool same_code = run.revision == wanted.revision;
    const bool same_data = DataSourcesOf(run.data_version) == data;
    seen.code = seen.code || same_code;
    seen.data = seen.data || same_data;
    if (same_code && same_data && seen.same.empty()) {
      seen.same = run.id;
    }
  }
  return seen;
}

void DataPlanner::CatchUp(const ProjectName& project,
                          const SourceSettings& looked_at,
                          const std::vector<std::string>& deliveries,
                          Outcome& outcome) {
  const SourceSettings* code = CodeOf(project);
  if (code == nullptr || data_.SourcesOf(project).empty()) {
    return;
  }
  std::vector<RefEntry> heads;
  for (const Head& head : heads_.All(code->name)) {
    heads.push_back({head.ref, head.revision});
  }
  if (heads.empty()) {
    outcome.ignored_because =
        fmt::format("source {} was not read yet: its first run takes this data", code->name.text());
    return;
  }
  RunDraft draft;
  draft.trigger = TriggerKind::kData;
  draft.deliveries = deliveries;
  draft.reason = fmt::format("source {} has new data", looked_at.name.text());
  const Result<NewRun> wanted = DraftDataRun(*code,
                                             SourceMirror(mirrors_, code->name, clock_),
                                             std::move(heads),
                                             steps_,
                                             versions_,
                                             project,
                                             std::move(draft));
  if (!wanted) {
    outcome.ignored_because = fmt::format("{}: {}", project.text(), wanted.error().text);
    return;
  }
  const Seen seen = Look(*wanted);
  if (!seen.same.empty()) {
    outcome.runs.push_back(seen.same);
    runs_.AddDeliveries(seen.same, deliveries);
    return;
  }
  if (seen.data && !seen.code) {
    outcome.ignored_because = "the newest code changes nothing that runs, and this data ran before";
    return;
  }
  const RunStore::Created created = runs_.Create(*wanted);
  outcome.runs.push_back(created.id);
  outcome.queued = outcome.queued || created.is_new;
  (void)runs_.SupersedeQueued(wanted->source, wanted->ref, created.id);
  FailPoint("run-created");
}

DataPlanner::Outcome DataPlanner::CatchUp(const SourceSettings& looked_at,
                                          const std::vector<std::string>& deliveries) {
  Outcome outcome;
  for (const ProjectName& project : looked_at.projects) {
    if (data_.HasSources(project)) {
      CatchUp(project, looked_at, deliveries, outcome);
    }
  }
  if (outcome.runs.empty() && outcome.ignored_because.empty()) {
    outcome.ignored_because = "no project reads it";
  }
  return outcome;
}

}  // namespace failgate
