#include "policies/gates/measured_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "controller/base/text.h"
#include "policies/gates/checks.h"

namespace failgate {
namespace {

constexpr std::string_view kChampionPrefix = "champion.";

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

}  // namespace

std::string ChampionMetric(std::string_view metric) {
  return std::string(kChampionPrefix) + std::string(metric);
}

MeasuredMetrics::MeasuredMetrics(const std::vector<OperationsCheck>& checks, const Facts& facts)
    : facts_(facts) {
  for (const OperationsCheck& check : checks) {
    if (check.metrics.empty()) continue;
    of_checks_ = true;
    TakeCheck(check, facts);
  }
  if (of_checks_) return;
  for (const StepMeasurement& step : facts.evidence.measured) {
    sources_.push_back({"run of " + step.measured_for.text(),
                        &step.metrics,
                        step.champion,
                        !step.measured_for.empty()});
  }
}

void MeasuredMetrics::TakeCheck(const OperationsCheck& check, const Facts& facts) {
  const CheckFact* ended = EndedCheck(check, facts);
  if (ended == nullptr) {
    if (waits_.empty()) waits_ = fmt::format("check {} has not measured yet", check.name);
    return;
  }
  if (ended->state == CheckProgress::kFailed) {
    if (failed_.empty()) {
      failed_ = fmt::format("check {} failed: its metrics do not count", check.name);
    }
    return;
  }
  sources_.push_back({"check " + check.name, &ended->metrics, ended->champion, false});
  if (ended->finished && (!since_ || *since_ < *ended->finished)) since_ = ended->finished;
}

MeasuredMetrics::Value MeasuredMetrics::Find(const std::string& metric,
                                             const std::string* origin) const {
  Value value;
  value.fault = "is missing";
  for (const Source& source : sources_) {
    if (origin != nullptr && source.origin != *origin) continue;
    const auto found = source.metrics->find(metric);
    if (found == source.metrics->end()) continue;
    if (!std::isfinite(found->second)) return {std::nullopt, "is not a finite number", true};
    if (value.number && *value.number != found->second) {
      return {std::nullopt, "was reported with different values", true};
    }
    value = {found->second, {}, false};
  }
  if (!value.number && !of_checks_ && facts_.evidence.metrics.count(metric) > 0) {
    value.fault =
        "was measured only for a degraded model, or is not known to be of what is released: a full "
        "training is needed";
  }
  return value;
}

MeasuredMetrics::Value MeasuredMetrics::Candidate(const std::string& metric) const {
  return Find(metric, nullptr);
}

MeasuredMetrics::Compared MeasuredMetrics::Champion(const std::string& metric) const {
  const std::string name = ChampionMetric(metric);
  const ReleaseName running = facts_.running.value_or(ReleaseName());
  Compared compared;
  compared.with = running;
  compared.champion.fault = "is missing";
  std::set<std::string> origins;
  bool beside_running = false;
  std::optional<ReleaseName> other;
  for (const Source& source : sources_) {
    if (source.metrics->count(metric) == 0) continue;
    origins.insert(source.origin);
    compared.is_carried_on = compared.is_carried_on || source.carried_on;
    beside_running = beside_running || source.champion == running;
    other = std::max(other.value_or(ReleaseName()), source.champion);
  }
  bool other_has_value = false;
  for (const Source& source : sources_) {
    const auto found = source.metrics->find(name);
    if (origins.count(source.origin) == 0 || found == source.metrics->end()) continue;
    if (source.champion != running) {
      other = other_has_value ? std::max(*other, source.champion) : source.champion;
      other_has_value = true;
      continue;
    }
    Value& value = compared.champion;
    if (!std::isfinite(found->second)) {
      value = {std::nullopt, "is not a finite number", true};
      return compared;
    }
    if (value.number && *value.number != found->second) {
      value = {std::nullopt, "was reported with different values", true};
      return compared;
    }
    value = {found->second, {}, false};
  }
  if (!compared.champion.number && other && (other_has_value || !beside_running)) {
    compared.seen_another = true;
    compared.other_is_measured = other_has_value;
    compared.with = *other;
  }
  return compared;
}

std::vector<std::string> MeasuredMetrics::NamesFrom(const std::string& start) const {
  std::set<std::string> names;
  for (const Source& source : sources_) {
    for (const auto& entry : *source.metrics) {
      std::string_view name = entry.first;
      if (StartsWith(name, kChampionPrefix)) name.remove_prefix(kChampionPrefix.size());
      if (StartsWith(name, start)) names.emplace(name);
    }
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> MeasuredMetrics::CandidatesFrom(const std::string& start) const {
  std::set<std::string> names;
  for (const Source& source : sources_) {
    for (auto entry = source.metrics->lower_bound(start);
         entry != source.metrics->end() && StartsWith(entry->first, start);
         ++entry) {
      names.insert(entry->first);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace failgate
