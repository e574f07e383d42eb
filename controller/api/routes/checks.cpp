#include <algorithm>
#include <vector>

#include "controller/api/answers.h"
#include "controller/api/json.h"
#include "controller/api/log_answer.h"
#include "controller/api/routes/routes.h"
#include "controller/api/routes/snapshot_answers.h"
#include "controller/checks/check_job.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxShown = 200;

HttpResponse NotThere(const ApiCall& call) {
  return NoSuch("project " + call.project().text() + " in environment " +
                call.environment().text());
}

std::vector<CheckRecord> ChecksOf(const ApiServices& services, const ApiCall& call) {
  return services.checks == nullptr
             ? std::vector<CheckRecord>()
             : services.checks->List(call.environment(), call.project(), kMaxShown);
}

HttpResponse ListChecks(const ApiServices& services, const ApiCall& call) {
  const std::vector<CheckRecord> checks = ChecksOf(services, call);
  if (checks.empty()) {
    const auto snapshot = NeedSnapshot(services);
    if (!snapshot) {
      return snapshot.error();
    }
    if ((*snapshot)->view->deployments.count({call.environment(), call.project()}) == 0) {
      return NotThere(call);
    }
  }
  return JsonAnswer(200, ChecksJson(checks));
}

/// Only the id of a check of this pair leads to a file.
HttpResponse ShowCheckLog(const ApiServices& services, const ApiCall& call) {
  const auto from = ReadFrom(call);
  if (!from) {
    return from.error();
  }
  const std::vector<CheckRecord> checks = ChecksOf(services, call);
  const std::string id = call.Parameter("check");
  const auto found = std::find_if(
      checks.begin(), checks.end(), [&](const CheckRecord& check) { return check.row.key == id; });
  if (found == checks.end()) {
    return NoSuch("such check");
  }
  return LogAnswer(CheckLogPath(services.log_folder, id), *from, !found->running);
}

}  // namespace

void AddCheckRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/projects/{project}/environments/{environment}/checks",
             {},
             [&services](const ApiCall& call) { return ListChecks(services, call); });
  routes.Get("/api/v1/projects/{project}/environments/{environment}/checks/{check}/log",
             {"from"},
             [&services](const ApiCall& call) { return ShowCheckLog(services, call); });
}

}  // namespace failgate
