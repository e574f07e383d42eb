#include "controller/promotion/metric_history.h"

#include "controller/api/answers.h"
#include "controller/api/metric_history_json.h"
#include "controller/api/routes/routes.h"
#include "controller/api/routes/snapshot_answers.h"
#include "controller/git/repository.h"

namespace failgate {
namespace {

HttpResponse ShowMetricHistory(const ApiServices& services, const ApiCall& call) {
  const auto snapshot = NeedSnapshot(services);
  if (!snapshot) {
    return snapshot.error();
  }
  if (auto refused = RefuseUnknownProject(services, **snapshot, call.project())) {
    return *std::move(refused);
  }
  const auto page = ReadPage(call);
  if (!page) {
    return page.error();
  }
  MetricQuery query;
  query.project = call.project();
  query.metric = call.Query("metric");
  query.environment = EnvironmentName(call.Query("environment"));
  query.limit = page->limit;
  if (!query.environment.empty() && (*snapshot)->view->environments.count(query.environment) == 0) {
    return NoSuch("such environment");
  }
  const Repository operations = Repository::Open(services.operations_mirror);
  return JsonAnswer(200, MetricHistoryJson(MetricHistory(**snapshot, operations, query)));
}

}  // namespace

void AddMetricHistoryRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/projects/{project}/metrics",
             {"metric", "environment", "limit"},
             [&services](const ApiCall& call) { return ShowMetricHistory(services, call); });
}

}  // namespace failgate
