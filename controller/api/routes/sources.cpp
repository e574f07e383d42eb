#include "controller/api/answers.h"
#include "controller/api/body_fields.h"
#include "controller/api/hook_handler.h"
#include "controller/api/json.h"
#include "controller/api/routes/routes.h"
#include "controller/api/routes/snapshot_answers.h"

namespace failgate {
namespace {

HttpResponse ListSources(const ApiServices& services, const ApiCall& call) {
  const std::map<SourceName, SourceStanding> standings = services.standings();
  std::vector<SourceRow> rows;
  const auto add = [&](SourceRow row, const auto& source) {
    if (!CoversSource(services, call.who, source.name)) {
      return;
    }
    row.name = source.name;
    row.projects = source.projects;
    row.provider = source.webhook ? source.webhook->provider : "";
    row.poll = source.poll;
    if (const auto found = standings.find(source.name); found != standings.end()) {
      row.fetched = found->second.fetched;
      row.trouble = found->second.trouble;
    }
    rows.push_back(std::move(row));
  };
  for (const SourceSettings& source : services.config.sources) {
    SourceRow row;
    row.url = source.url;
    if (source.kind == SourceKind::kData) {
      row.kind = "data";
    }
    add(std::move(row), source);
  }
  for (const ImageSourceSettings& source : services.config.images) {
    SourceRow row;
    row.kind = "image";
    row.url = source.image.text();
    if (services.image_tags) {
      row.tags = services.image_tags(source.name);
    }
    add(std::move(row), source);
  }
  return JsonAnswer(200, SourcesJson(rows));
}

HttpResponse SyncSource(const ApiServices& services, const ApiCall& call) {
  const auto body = BodyFields::Read(call.request, {}, {});
  if (!body) {
    return body.error();
  }
  const SourceName source(call.Parameter("source"));
  const bool operations = source.text() == kOperationsSource;
  if (!CoversSource(services, call.who, source)) {
    return ErrorAnswer(403, "forbidden", "the token is not for this source");
  }
  if (!operations && services.config.ProjectsOf(source) == nullptr) {
    return NoSuch("source " + source.text());
  }
  if (operations) {
    services.wake_promoter();
  } else {
    services.sync_now(source);
  }
  return JsonAnswer(202, TakenJson("source", source.text(), "queued"));
}

}  // namespace

void AddSourceRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/sources", {}, [&services](const ApiCall& call) {
    return ListSources(services, call);
  });
  routes.Post("/api/v1/sources/{source}/sync", Role::kDeveloper, [&services](const ApiCall& call) {
    return SyncSource(services, call);
  });
}

}  // namespace failgate
