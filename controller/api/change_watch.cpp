#include "controller/api/change_watch.h"

#include <algorithm>
#include <chrono>

#include "controller/api/json.h"
#include "controller/git/repository.h"

namespace failgate {
namespace {

constexpr std::size_t kRows = 200;
constexpr Milliseconds kForgetAfter = std::chrono::minutes(1);

}  // namespace

ChangeWatch::ChangeWatch(const ApiServices& services, EventFeed& feed)
    : services_(services), feed_(feed) {}

std::map<std::string, Run> ChangeWatch::NewestRuns() const {
  RunFilter filter;
  filter.limit = kRows;
  std::map<std::string, Run> runs;
  for (Run& run : services_.runs.List(filter)) {
    runs.emplace(run.id.text(), std::move(run));
  }
  return runs;
}

std::map<std::string, DeliveryRecord> ChangeWatch::NewestDeliveries() const {
  DeliveryFilter filter;
  filter.limit = kRows;
  std::map<std::string, DeliveryRecord> deliveries;
  for (DeliveryRecord& delivery : services_.inbox.List(filter)) {
    deliveries.emplace(delivery.id, std::move(delivery));
  }
  return deliveries;
}

std::optional<CommitId> ChangeWatch::LogHead() const {
  const auto snapshot = services_.snapshot();
  return snapshot == nullptr ? std::nullopt : snapshot->log_head;
}

ChangeWatch::Seen ChangeWatch::Look() const {
  Seen seen;
  for (const auto& run : NewestRuns()) {
    seen.runs.emplace(run.first, RunRowJson(run.second));
  }
  for (const auto& delivery : NewestDeliveries()) {
    seen.deliveries.emplace(delivery.first, DeliveryRowJson(delivery.second));
  }
  seen.log_head = LogHead();
  return seen;
}

void ChangeWatch::Begin() {
  {
    auto state = state_.Lock();
    state->wanted_at = services_.clock.Steady();
    if (state->seen) {
      return;
    }
  }
  Seen seen = Look();
  auto state = state_.Lock();
  if (!state->seen) {
    state->seen = std::move(seen);
  }
}

void ChangeWatch::Step() {
  const bool listened = feed_.listeners() > 0;
  Seen seen;
  {
    auto state = state_.Lock();
    const SteadyTime now = services_.clock.Steady();
    state->wanted_at = listened ? now : state->wanted_at;
    if (state->seen && now - state->wanted_at > kForgetAfter) {
      state->seen.reset();
    }
    if (!state->seen) {
      return;
    }
    seen = *state->seen;
  }
  TellDeliveries(seen);
  TellRuns(seen);
  TellFacts(seen);
  state_.Lock()->seen = std::move(seen);
}

void ChangeWatch::TellRuns(Seen& seen) {
  std::map<std::string, std::string> told;
  for (const auto& run : NewestRuns()) {
    std::string json = RunRowJson(run.second);
    const auto before = seen.runs.find(run.first);
    if (before == seen.runs.end() || before->second != json) {
      feed_.Tell({"run", json, {run.second.project}});
    }
    told.emplace(run.first, std::move(json));
  }
  seen.runs = std::move(told);
}

void ChangeWatch::TellDeliveries(Seen& seen) {
  std::map<std::string, std::string> told;
  for (const auto& delivery : NewestDeliveries()) {
    std::string json = DeliveryRowJson(delivery.second);
    const auto before = seen.deliveries.find(delivery.first);
    if (before == seen.deliveries.end() || before->second != json) {
      feed_.Tell({"delivery", json, ProjectsOf(delivery.second.source)});
    }
    told.emplace(delivery.first, std::move(json));
  }
  seen.deliveries = std::move(told);
}

void ChangeWatch::TellFacts(Seen& seen) {
  const std::optional<CommitId> head = LogHead();
  if (!head || head == seen.log_head) {
    return;
  }
  const Repository repository = Repository::Open(services_.operations_mirror);
  LogFilter filter;
  filter.limit = kRows;
  std::vector<LogEntry> entries = ReadHistory(repository, *head, filter);
  const auto known = std::find_if(entries.begin(), entries.end(), [&](const LogEntry& entry) {
    return entry.commit == seen.log_head;
  });
  entries.erase(known, entries.end());
  std::reverse(entries.begin(), entries.end());
  for (const LogEntry& entry : entries) {
    const Fact& fact = entry.written.fact;
    const std::string json = LogEntryJson(entry);
    std::vector<ProjectName> projects;
    if (!fact.project.empty()) {
      projects.push_back(fact.project);
    }
    feed_.Tell({"fact", json, projects});
    if (fact.kind == FactKind::kReleased) {
      feed_.Tell({"release", json, projects});
    }
  }
  seen.log_head = head;
}

std::vector<ProjectName> ChangeWatch::ProjectsOf(const SourceName& source) const {
  const std::vector<ProjectName>* projects = services_.config.ProjectsOf(source);
  return projects == nullptr ? std::vector<ProjectName>() : *projects;
}

}  // namespace failgate
