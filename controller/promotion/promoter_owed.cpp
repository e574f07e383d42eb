// What a pass owes to the log before anything is judged: people's access, releases, overtaken
// heads, ends of deployments.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "controller/base/fail_point.h"
#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/promotion/promoter.h"
#include "controller/release/run_result.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxDeliveryId = 200;

/// What the plan of the run says (PlanToJson); sorted.
std::vector<std::string> WatchedBy(const Run& run) {
  std::vector<std::string> names;
  const auto plan = nlohmann::json::parse(run.plan_json, nullptr, false);
  if (plan.is_object() && plan.contains("watched") && plan["watched"].is_array()) {
    for (const auto& name : plan["watched"]) {
      if (name.is_string()) {
        names.push_back(name.get<std::string>());
      }
    }
  }
  return names;
}

/// What the plan of the overtaking run says it trains on in the place of `run`; empty = nothing.
std::string TrainedInPlaceOf(const Run& run, const std::optional<Run>& by) {
  constexpr std::size_t kShownRevision = 12;
  if (run.trigger != RunTrigger::kData || !by) {
    return "";
  }
  const auto plan = nlohmann::json::parse(by->plan_json, nullptr, false);
  const auto overtaken = plan.is_object() ? plan.find("overtaken") : plan.end();
  if (overtaken == plan.end() || !overtaken->is_object()) {
    return "";
  }
  return fmt::format("run {} trains on the new data of {} in its place: {}",
                     by->id.text(),
                     overtaken->value("revision", "").substr(0, kShownRevision),
                     overtaken->value("reason", ""));
}

ReleaseRecord DraftRecord(const Run& run, const std::string& url, TimePoint created) {
  const auto result = ParseRunResult(run.evidence_json);
  if (!result) {
    throw Error(
        Remedy::kNeedsChange,
        fmt::format("reading the result of run {}: {}", run.id.text(), result.error().text));
  }
  ReleaseRecord record;
  record.project = run.project;
  record.source = run.source;
  record.source_url = url;
  record.revision = run.revision;
  record.ref = run.ref;
  record.data = run.data_version;
  record.created = std::chrono::floor<std::chrono::seconds>(created);
  record.run = run.id;
  record.trigger = std::string(Word(run.trigger));
  record.training = run.training.empty() ? "full" : run.training;
  record.delivery = run.deliveries.empty() ? std::string() : run.deliveries.back();
  record.artifacts = result->artifacts;
  record.watched = WatchedBy(run);
  record.evidence = result->evidence;
  return record;
}

}  // namespace

void Promoter::AddReleases(std::vector<Owed>& owed) {
  for (const Run& run : parts_.runs.OwedReleases()) {
    const auto url = parts_.source_urls.find(run.source);
    if (url == parts_.source_urls.end()) {
      parts_.runs.IgnoreRelease(run.id, "its source is no longer configured");
      continue;
    }
    const auto name = std::make_shared<ReleaseName>();
    try {
      ReleaseRecord record = DraftRecord(run, url->second, run.finished.value_or(run.created));
      if (parts_.delivery_name && !record.delivery.empty()) {
        const std::string forge = OneLine(parts_.delivery_name(record.delivery), kMaxDeliveryId);
        record.delivery = forge.empty() ? record.delivery : forge;
      }
      owed.push_back({{ReleasedDraft(std::move(record),
                                     bounds_.mirrors / (run.source.text() + ".git"),
                                     catalogue_,
                                     name)},
                      [this, id = run.id, name] { parts_.runs.MarkReleased(id, *name); }});
    } catch (const Error& error) {
      // It gets its number before later runs do, so all of them wait while the disk is full.
      if (error.remedy() == Remedy::kRetry) throw;
      // One run that cannot be read must not hold up the others.
      log::Error("a run gives no release", {{"run", run.id.text()}, {"error", error.what()}});
      parts_.runs.IgnoreRelease(run.id, error.what());
    }
  }
}

void Promoter::AddSuperseded(std::vector<Owed>& owed) {
  std::map<ProjectName, std::size_t> superseded;
  for (const Run& run : parts_.runs.UntoldSuperseded()) {
    if (superseded[run.project] == kSupersededRemembered) {
      break;  // the next pass goes on: the log must know all of one batch again
    }
    const auto url = parts_.source_urls.find(run.source);
    const OvertakenRun overtaken{run.project,
                                 run.source,
                                 url == parts_.source_urls.end() ? "" : url->second,
                                 run.revision,
                                 run.id,
                                 run.superseded_by,
                                 run.finished.value_or(run.created),
                                 run.data_version,
                                 WatchedBy(run),
                                 TrainedInPlaceOf(run, parts_.runs.Get(run.superseded_by))};
    owed.push_back({{SupersededDraft(overtaken)}, [this, id = run.id, reason = run.reason] {
                      parts_.runs.IgnoreRelease(id, reason);
                    }});
    ++superseded[run.project];
  }
}

void Promoter::AddResults(std::vector<Owed>& owed) {
  const Situation situation = Look();
  for (const ReconcileResult& result : parts_.reconciler.Results()) {
    try {
      owed.push_back({ResultDrafts(situation, result),
                      [this, result] { parts_.reconciler.Acknowledge(result); }});
    } catch (const Error& error) {
      log::Error("a result cannot be told yet",
                 {{"environment", result.environment.text()}, {"error", error.what()}});
    }
  }
}

void Promoter::WriteOwed() {
  std::vector<Owed> owed;
  AddPeople(owed);
  AddReleases(owed);
  AddSuperseded(owed);
  AddResults(owed);
  for (auto next = owed.begin(); next != owed.end();) {
    std::vector<FactDraft> drafts;
    const auto first = next;
    for (; next != owed.end() && drafts.size() < kMaxFactsAtOnce; ++next) {
      std::move(next->drafts.begin(), next->drafts.end(), std::back_inserter(drafts));
    }
    static_cast<void>(Write(drafts));
    FailPoint("owed-pushed");
    // Only now: what is not on the remote stays owed.
    std::for_each(first, next, [](const Owed& written) { written.told(); });
  }
}

}  // namespace failgate
