#include "controller/mlflow/mlflow_tracking.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/mlflow/mlflow_body.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr int kPage = 1000;
/// The server takes 1,000 metrics and 100 params at a time.
constexpr std::size_t kMetricsAtOnce = 500;

[[noreturn]] void Unreadable(const std::string& what) {
  throw Error(Remedy::kRetry, fmt::format("MLflow answered {} with something else", what));
}

}  // namespace

std::optional<std::string> MlflowTracking::FindExperiment(const std::string& name) const {
  const MlflowAnswer answer = caller_.Get("experiments/get-by-name", {{"experiment_name", name}});
  if (answer.IsMissing()) return std::nullopt;
  const std::string doing = "looking for experiment " + OneLine(name, 80);
  if (!answer.ok()) caller_.Refuse(doing, answer);
  auto id = ReadMlflowExperiment(answer.body);
  if (!id) Unreadable(doing);
  return id;
}

std::string MlflowTracking::Experiment(const std::string& name, const MlflowTags& tags) const {
  if (auto found = FindExperiment(name)) return *std::move(found);
  const std::string doing = "making experiment " + OneLine(name, 80);
  const MlflowAnswer answer = caller_.Send(
      "POST", "experiments/create", MlflowBody({{"name", name}, {"tags", MlflowTagList(tags)}}));
  if (answer.error_code == "RESOURCE_ALREADY_EXISTS") {
    if (auto found = FindExperiment(name)) return *std::move(found);
  }
  if (!answer.ok()) caller_.Refuse(doing, answer);
  auto id = ReadMlflowExperiment(answer.body);
  if (!id) Unreadable(doing);
  return *std::move(id);
}

MlflowRunPage MlflowTracking::FindRuns(const std::string& experiment,
                                       const std::string& tag,
                                       const std::string& value,
                                       const std::string& page) const {
  json body = {{"experiment_ids", {experiment}},
               {"filter",
                value.empty() ? fmt::format("tags.`{}` != ''", tag)
                              : fmt::format("tags.`{}` = '{}'", tag, value)},
               {"run_view_type", "ALL"},
               {"max_results", kPage}};
  if (!page.empty()) body["page_token"] = page;
  const MlflowAnswer answer = caller_.Send("POST", "runs/search", MlflowBody(body));
  if (!answer.ok()) caller_.Refuse("looking for runs", answer);
  auto read = ReadMlflowRuns(answer.body);
  if (!read) Unreadable("looking for runs");
  return *std::move(read);
}

MlflowRun MlflowTracking::MakeRun(const std::string& experiment,
                                  const std::string& name,
                                  long long started,
                                  const MlflowTags& tags) const {
  const MlflowAnswer answer = caller_.Send("POST",
                                           "runs/create",
                                           MlflowBody({{"experiment_id", experiment},
                                                       {"run_name", name},
                                                       {"start_time", started},
                                                       {"tags", MlflowTagList(tags)}}));
  const std::string doing = "making a run for " + OneLine(name, 80);
  if (!answer.ok()) caller_.Refuse(doing, answer);
  auto run = ReadMlflowRun(answer.body);
  if (!run) Unreadable(doing);
  return *std::move(run);
}

void MlflowTracking::Log(const std::string& run, const MlflowBatch& batch) const {
  json params = json::array();
  for (const auto& [key, value] : batch.params) params.push_back({{"key", key}, {"value", value}});
  json metrics = json::array();
  const auto send = [&] {
    const MlflowAnswer answer =
        caller_.Send("POST",
                     "runs/log-batch",
                     MlflowBody({{"run_id", run}, {"params", params}, {"metrics", metrics}}));
    if (!answer.ok()) caller_.Refuse("logging run " + OneLine(run, 80), answer);
    params = json::array();
    metrics = json::array();
  };
  for (const auto& [key, value] : batch.metrics) {
    metrics.push_back({{"key", key}, {"value", value}, {"timestamp", batch.at}, {"step", 0}});
    if (metrics.size() == kMetricsAtOnce) send();
  }
  if (!params.empty() || !metrics.empty()) send();
}

void MlflowTracking::Finish(const std::string& run, long long ended) const {
  const MlflowAnswer answer =
      caller_.Send("POST",
                   "runs/update",
                   MlflowBody({{"run_id", run}, {"status", "FINISHED"}, {"end_time", ended}}));
  if (!answer.ok()) caller_.Refuse("ending run " + OneLine(run, 80), answer);
}

}  // namespace failgate
