#include "controller/api/answers.h"
#include "controller/api/json.h"
#include "controller/api/routes/routes.h"
#include "controller/api/routes/snapshot_answers.h"
#include "controller/base/text.h"
#include "controller/git/repository.h"

namespace failgate {
namespace {

HttpResponse ListReleases(const ApiServices& services, const ApiCall& call) {
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
  long before = 0;
  if (!page->before.empty()) {
    const auto number = ParseNonNegative(page->before);
    if (!number || *number == 0) {
      return ErrorAnswer(422, "bad_query", "before must be the number of a release");
    }
    before = static_cast<long>(*number);
  }
  const Repository operations = Repository::Open(services.operations_mirror);
  const std::vector<ReleaseRow> rows =
      ReleasesOf(**snapshot, operations, call.project(), before, page->limit);
  const std::string last = rows.empty() ? "" : std::to_string(rows.back().record.number);
  return WithNext(JsonAnswer(200, ReleasesJson(rows)), *page, rows.size(), last);
}

HttpResponse ShowRelease(const ApiServices& services, const ApiCall& call) {
  const auto snapshot = NeedSnapshot(services);
  if (!snapshot) {
    return snapshot.error();
  }
  const std::string name = call.Parameter("release");
  const auto parts = SplitReleaseName(name);
  if (!parts || parts->first != call.project()) {
    return NoSuch("such release of this project");
  }
  const Repository operations = Repository::Open(services.operations_mirror);
  const auto rows = ReleasesOf(**snapshot, operations, call.project(), parts->second + 1, 1);
  if (rows.empty() || rows.front().record.name.text() != name) {
    return NoSuch("such release of this project");
  }
  return JsonAnswer(200, ReleaseJson(rows.front()));
}

}  // namespace

void AddReleaseRoutes(ApiRoutes& routes, const ApiServices& services) {
  const std::string all = "/api/v1/projects/{project}/releases";
  routes.Get(all, {"limit", "before"}, [&services](const ApiCall& call) {
    return ListReleases(services, call);
  });
  routes.Get(all + "/{release}", {}, [&services](const ApiCall& call) {
    return ShowRelease(services, call);
  });
}

}  // namespace failgate
