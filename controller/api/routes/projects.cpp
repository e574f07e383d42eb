#include <algorithm>
#include <set>

#include "controller/api/answers.h"
#include "controller/api/auth.h"
#include "controller/api/json.h"
#include "controller/api/routes/routes.h"
#include "controller/api/routes/snapshot_answers.h"

namespace failgate {
namespace {

ProjectRow RowOf(const ApiServices& services,
                 const PromotionSnapshot& snapshot,
                 const ProjectName& project) {
  ProjectRow row;
  row.project = project;
  const SourceSettings* source = services.config.SourceOf(project);
  if (source != nullptr) {
    row.source = source->name;
  }
  for (const EnvironmentName& environment : snapshot.view->ladder.order) {
    if (snapshot.view->deployments.count({environment, project}) > 0) {
      row.environments.push_back(environment);
    }
  }
  row.releases = snapshot.log->Project(project).releases;
  return row;
}

HttpResponse ListProjects(const ApiServices& services, const ApiCall& call) {
  const auto snapshot = NeedSnapshot(services);
  if (!snapshot) {
    return snapshot.error();
  }
  std::set<ProjectName> names;
  for (const ProjectName& project : ProjectsOf(**snapshot)) {
    names.insert(project);
  }
  for (const SourceSettings& source : services.config.sources) {
    names.insert(source.projects.begin(), source.projects.end());
  }
  std::vector<ProjectRow> rows;
  for (const ProjectName& project : names) {
    if (call.who.Covers(project)) {
      rows.push_back(RowOf(services, **snapshot, project));
    }
  }
  return JsonAnswer(200, ProjectsJson(rows));
}

HttpResponse ShowProject(const ApiServices& services, const ApiCall& call) {
  const auto snapshot = NeedSnapshot(services);
  if (!snapshot) {
    return snapshot.error();
  }
  if (auto refused = RefuseUnknownProject(services, **snapshot, call.project())) {
    return *std::move(refused);
  }
  return JsonAnswer(200, ProjectJson(RowOf(services, **snapshot, call.project())));
}

HttpResponse ShowStatus(const ApiServices& services, const ApiCall& call) {
  const auto snapshot = NeedSnapshot(services);
  if (!snapshot) {
    return snapshot.error();
  }
  const ProjectName project(call.Query("project"));
  if (!project.empty()) {
    if (auto refused = RefuseProject(call.who, project)) {
      return *std::move(refused);
    }
    if (auto refused = RefuseUnknownProject(services, **snapshot, project)) {
      return *std::move(refused);
    }
  }
  std::vector<StatusRow> rows = StatusWithNotices(services, **snapshot, project);
  rows.erase(std::remove_if(rows.begin(),
                            rows.end(),
                            [&](const StatusRow& row) { return !call.who.Covers(row.project); }),
             rows.end());
  return JsonAnswer(200, StatusJson(rows));
}

}  // namespace

void AddProjectRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/status", {"project"}, [&services](const ApiCall& call) {
    return ShowStatus(services, call);
  });
  routes.Get("/api/v1/projects", {}, [&services](const ApiCall& call) {
    return ListProjects(services, call);
  });
  routes.Get("/api/v1/projects/{project}", {}, [&services](const ApiCall& call) {
    return ShowProject(services, call);
  });
}

}  // namespace failgate
