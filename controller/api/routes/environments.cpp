#include <algorithm>

#include "controller/api/answers.h"
#include "controller/api/json.h"
#include "controller/api/release_diff.h"
#include "controller/api/routes/routes.h"
#include "controller/api/routes/snapshot_answers.h"
#include "controller/git/repository.h"

namespace failgate {
namespace {

HttpResponse NotThere(const ApiCall& call) {
  return NoSuch("project " + call.project().text() + " in environment " +
                call.environment().text());
}

HttpResponse ListEnvironments(const ApiServices& services) {
  const auto snapshot = NeedSnapshot(services);
  return snapshot ? JsonAnswer(200, EnvironmentsJson(*(*snapshot)->view)) : snapshot.error();
}

HttpResponse ListOfProject(const ApiServices& services, const ApiCall& call) {
  const auto snapshot = NeedSnapshot(services);
  if (!snapshot) {
    return snapshot.error();
  }
  if (auto refused = RefuseUnknownProject(services, **snapshot, call.project())) {
    return *std::move(refused);
  }
  return JsonAnswer(200, StatusJson(StatusWithNotices(services, **snapshot, call.project())));
}

HttpResponse ShowEnvironment(const ApiServices& services, const ApiCall& call) {
  const auto snapshot = NeedSnapshot(services);
  if (!snapshot) {
    return snapshot.error();
  }
  for (const StatusRow& row : StatusWithNotices(services, **snapshot, call.project())) {
    if (row.environment == call.environment()) {
      return JsonAnswer(200, StatusRowJson(row));
    }
  }
  return NotThere(call);
}

HttpResponse ShowWhy(const ApiServices& services, const ApiCall& call) {
  const auto snapshot = NeedSnapshot(services);
  if (!snapshot) {
    return snapshot.error();
  }
  const auto answer = WhyOf(**snapshot, {call.environment(), call.project()});
  return answer ? JsonAnswer(200, WhyJson(*answer)) : NotThere(call);
}

HttpResponse ShowDiff(const ApiServices& services, const ApiCall& call) {
  const auto snapshot = NeedSnapshot(services);
  if (!snapshot) {
    return snapshot.error();
  }
  const Repository operations = Repository::Open(services.operations_mirror);
  const ReleaseName release(call.Query("release"));
  const auto diff = DiffOf(**snapshot, operations, {call.environment(), call.project()}, release);
  if (!diff) {
    return release.empty() ? NotThere(call)
                           : NoSuch("release " + release.text() +
                                    " of this project, or no such "
                                    "environment");
  }
  return JsonAnswer(200, DiffJson(*diff));
}

}  // namespace

void AddEnvironmentRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/environments", {}, [&services](const ApiCall&) {
    return ListEnvironments(services);
  });
  const std::string all = "/api/v1/projects/{project}/environments";
  const std::string one = all + "/{environment}";
  routes.Get(all, {}, [&services](const ApiCall& call) { return ListOfProject(services, call); });
  routes.Get(one, {}, [&services](const ApiCall& call) { return ShowEnvironment(services, call); });
  routes.Get(
      one + "/why", {}, [&services](const ApiCall& call) { return ShowWhy(services, call); });
  routes.Get(one + "/diff", {"release"}, [&services](const ApiCall& call) {
    return ShowDiff(services, call);
  });
}

}  // namespace failgate
