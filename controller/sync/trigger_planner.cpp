#include "controller/sync/trigger_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "controller/base/fail_point.h"
#include "controller/base/time_zone.h"
#include "controller/pipeline/run_draft.h"

namespace failgate {
namespace {

/// Before and after the times that are asked about: offsets change in between.
constexpr std::chrono::days kAround{2};
/// A schedule is looked at again at the latest after this time.
constexpr std::chrono::days kLongestWait{1};

std::vector<UtcOffset> OffsetsAround(const std::string& zone, TimePoint from, TimePoint until) {
  // The pipeline was refused unless the zone is known.
  return OffsetsOfZone(zone, from - kAround, until + kAround).value_or(std::vector<UtcOffset>());
}

bool IsOfNoUse(const Pipeline& pipeline) {
  const bool watches = pipeline.triggers.data && !pipeline.triggers.data->watch.empty();
  return pipeline.triggers.schedule.empty() && !watches;
}

bool HaveNone(const std::vector<WatchedPart>& parts) {
  return std::all_of(parts.begin(), parts.end(), [](const WatchedPart& part) {
    return part.version == kNoVersion;
  });
}

}  // namespace

TriggerPlanner::TriggerPlanner(Parts parts) : parts_(parts) {}

bool TriggerPlanner::Plan(const SourceSettings& source,
                          const Repository& repository,
                          const std::vector<RefEntry>& heads) {
  bool queued = false;
  std::optional<TimePoint> next;
  for (const ProjectName& project : source.projects) {
    const auto place = PlaceOf(source, repository, heads, project);
    if (!place) {
      continue;
    }
    const bool data = PlanData(source, repository, *place);
    const Times times = PlanTimes(source, repository, *place);
    queued = queued || data || times.queued;
    if (times.next && (!next || *times.next < *next)) {
      next = times.next;
    }
  }
  auto all = next_.Lock();
  if (next) {
    (*all)[source.name] = *next;
  } else {
    all->erase(source.name);
  }
  return queued;
}

std::vector<SourceName> TriggerPlanner::TakeDue() {
  const TimePoint now = parts_.clock.Now();
  std::vector<SourceName> due;
  auto all = next_.Lock();
  for (auto next = all->begin(); next != all->end();) {
    if (next->second <= now) {
      due.push_back(next->first);
      next = all->erase(next);
    } else {
      ++next;
    }
  }
  return due;
}

std::shared_ptr<const CodePlace> TriggerPlanner::PlaceOf(const SourceSettings& source,
                                                         const Repository& repository,
                                                         const std::vector<RefEntry>& heads,
                                                         const ProjectName& project) {
  {
    auto known = known_.Lock();
    const auto found = known->find(project);
    if (found != known->end() && found->second.heads == heads) {
      return found->second.place;
    }
  }
  // A head whose pipeline cannot be used was refused when it was pushed.
  Result<CodePlace> place = FirstCodeBranch(repository, source, OrderedHeads(heads), project);
  Known fresh{heads, nullptr};
  if (place && place->pipeline.triggers.schedule.empty()) {
    parts_.schedules.SetSeen(project, {}, parts_.clock.Now());
  }
  if (place && !IsOfNoUse(place->pipeline)) {
    fresh.place = std::make_shared<const CodePlace>(std::move(place).value());
  }
  std::shared_ptr<const CodePlace> answer = fresh.place;
  (*known_.Lock())[project] = std::move(fresh);
  return answer;
}

TriggerPlanner::Times TriggerPlanner::PlanTimes(const SourceSettings& source,
                                                const Repository& repository,
                                                const CodePlace& place) {
  Times times;
  const std::vector<ScheduleTrigger>& schedules = place.pipeline.triggers.schedule;
  const ProjectName& project = place.pipeline.project;
  const TimePoint now = parts_.clock.Now();
  std::vector<ScheduleKey> keys;
  bool changed = false;
  std::optional<TimePoint> due;
  const ScheduleTrigger* of = nullptr;
  for (const ScheduleTrigger& schedule : schedules) {
    keys.push_back({schedule.cron, schedule.timezone});
    const auto seen = parts_.schedules.SeenUntil(project, keys.back());
    // A time ahead of us was written by a clock that was wrong.
    const bool is_new = !seen || *seen > now;
    changed = changed || is_new;
    const TimePoint from = is_new ? now : *seen;
    const auto offsets = OffsetsAround(schedule.timezone, from, now);
    const auto latest = LatestCronTime(schedule.times, offsets, from, now);
    if (latest && (!due || *latest > *due)) {
      due = latest;
      of = &schedule;
    }
    const TimePoint look =
        NextCronTime(schedule.times, offsets, now, now + kLongestWait).value_or(now + kLongestWait);
    times.next = times.next ? std::min(*times.next, look) : look;
  }
  if (due) {
    const auto created = Queue(
        source,
        repository,
        place,
        TriggerKind::kSchedule,
        "schedule:" + FormatTime(*due),
        fmt::format(
            "the schedule \"{}\" ({}) was due at {}", of->cron, of->timezone, FormatTime(*due)));
    times.queued = created && created->is_new;
  }
  if (due || changed) {
    // Last: until here a crash makes the next look do the same again.
    parts_.schedules.SetSeen(project, keys, now);
  }
  return times;
}

bool TriggerPlanner::PlanData(const SourceSettings& source,
                              const Repository& repository,
                              const CodePlace& place) {
  const auto parts = parts_.data.Watched(place.pipeline);
  if (parts_.watches == nullptr || !parts || parts->empty() || HaveNone(*parts)) {
    return false;
  }
  const ProjectName& project = place.pipeline.project;
  const std::string data = JoinDataVersion("", *parts);
  const std::string before = parts_.watches->Planned(project);
  if (data == before) {
    return false;
  }
  const std::string reason = "watched data is new: " + data;
  auto created = Queue(source, repository, place, TriggerKind::kData, "", reason);
  if (created && !created->is_new) {
    // What came and went and came again: its run was superseded before it began.
    const std::optional<Run> existing = parts_.runs.Get(created->id);
    if (existing && existing->state == RunState::kSuperseded) {
      created = Queue(source, repository, place, TriggerKind::kData, "back-from:" + before, reason);
    }
  }
  if (!created) {
    return false;  // planned as soon as something can run
  }
  // Last: until here a crash makes the next look do the same again.
  parts_.watches->SetPlanned(project, data);
  return created->is_new;
}

std::optional<RunStore::Created> TriggerPlanner::Queue(const SourceSettings& source,
                                                       const Repository& repository,
                                                       const CodePlace& place,
                                                       TriggerKind trigger,
                                                       const std::string& nonce,
                                                       const std::string& reason) {
  const auto data_version = parts_.data.Of(repository, place.at.commit, place.pipeline);
  if (!data_version) {
    return std::nullopt;  // the push was refused for it
  }
  RunDraft draft;
  draft.source = source.name;
  draft.ref = place.at.name;
  draft.revision = place.at.commit;
  draft.data_version = *data_version;
  draft.trigger = trigger;
  draft.again_nonce = nonce;
  draft.reason = reason;
  const NewRun run =
      DraftRun(place.pipeline, draft, parts_.steps.Statistics(place.pipeline.project));
  if (run.steps.empty()) {
    return std::nullopt;
  }
  const RunStore::Created created = parts_.runs.Create(run);
  (void)parts_.runs.SupersedeQueued(source.name, place.at.name, created.id);
  FailPoint("triggered-run-created");
  return created;
}

}  // namespace failgate
