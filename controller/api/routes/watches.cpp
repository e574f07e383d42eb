#include <algorithm>

#include "controller/api/answers.h"
#include "controller/api/json.h"
#include "controller/api/routes/routes.h"

namespace failgate {
namespace {

HttpResponse ListWatches(const ApiServices& services, const ApiCall& call) {
  const std::vector<WatchStatus> all =
      services.watches ? services.watches() : std::vector<WatchStatus>();
  std::vector<WatchRow> rows;
  for (const WatchStatus& status : all) {
    const WatchSettings* settings = services.config.FindWatch(status.name);
    if (settings == nullptr) {
      continue;
    }
    const auto& projects = settings->projects;
    if (std::any_of(projects.begin(), projects.end(), [&](const ProjectName& project) {
          return call.who.Covers(project);
        })) {
      rows.push_back(WatchRow{*settings, status});
    }
  }
  return JsonAnswer(200, WatchesJson(rows));
}

}  // namespace

void AddWatchRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/watches", {}, [&services](const ApiCall& call) {
    return ListWatches(services, call);
  });
}

}  // namespace failgate
