#include "controller/api/answers.h"
#include "controller/api/auth.h"
#include "controller/api/json.h"
#include "controller/api/routes/routes.h"

namespace failgate {
namespace {

HttpResponse ListDeployments(const ApiServices& services, const ApiCall& call) {
  const auto page = ReadPage(call);
  if (!page) {
    return page.error();
  }
  DeploymentFilter filter;
  filter.environment = EnvironmentName(call.Query("environment"));
  filter.project = ProjectName(call.Query("project"));
  filter.before = page->before;
  filter.limit = page->limit;
  if (!filter.project.empty()) {
    if (auto refused = RefuseProject(call.who, filter.project)) {
      return *std::move(refused);
    }
  }
  const std::vector<Deployment> read = services.deployments.List(filter);
  std::vector<Deployment> shown;
  for (const Deployment& deployment : read) {
    if (call.who.Covers(deployment.project)) {
      shown.push_back(deployment);
    }
  }
  const std::string last = read.empty() ? "" : read.back().id;
  return WithNext(JsonAnswer(200, DeploymentsJson(shown)), *page, read.size(), last);
}

HttpResponse ShowDeployment(const ApiServices& services, const ApiCall& call) {
  const auto deployment = services.deployments.Get(call.Parameter("deployment"));
  return deployment && call.who.Covers(deployment->project)
             ? JsonAnswer(200, DeploymentJson(*deployment))
             : NoSuch("such deployment");
}

}  // namespace

void AddDeploymentRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/deployments",
             {"environment", "project", "limit", "before"},
             [&services](const ApiCall& call) { return ListDeployments(services, call); });
  routes.Get("/api/v1/deployments/{deployment}", {}, [&services](const ApiCall& call) {
    return ShowDeployment(services, call);
  });
}

}  // namespace failgate
