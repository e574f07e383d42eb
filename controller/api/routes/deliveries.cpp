#include "controller/api/answers.h"
#include "controller/api/body_fields.h"
#include "controller/api/hook_handler.h"
#include "controller/api/json.h"
#include "controller/api/named_records.h"
#include "controller/api/routes/routes.h"
#include "controller/api/routes/snapshot_answers.h"

namespace failgate {
namespace {

HttpResponse ListDeliveries(const ApiServices& services, const ApiCall& call) {
  const auto page = ReadPage(call);
  if (!page) {
    return page.error();
  }
  DeliveryFilter filter;
  filter.source = SourceName(call.Query("source"));
  filter.before = page->before;
  filter.limit = page->limit;
  if (const auto word = call.query.Get("status")) {
    filter.status = ParseDeliveryStatus(*word);
    if (!filter.status) {
      return ErrorAnswer(422, "bad_query", "status is none that a delivery can have");
    }
  }
  const std::vector<DeliveryRecord> read = services.inbox.List(filter);
  std::vector<DeliveryRecord> shown;
  for (const DeliveryRecord& delivery : read) {
    if (CoversSource(services, call.who, delivery.source)) {
      shown.push_back(delivery);
    }
  }
  const std::string last = read.empty() ? "" : read.back().id;
  return WithNext(JsonAnswer(200, DeliveriesJson(shown)), *page, read.size(), last);
}

HttpResponse ShowDelivery(const ApiServices& services, const ApiCall& call) {
  const auto delivery = NamedDelivery(services, call);
  return delivery ? JsonAnswer(200, DeliveryJson(*delivery)) : delivery.error();
}

HttpResponse ReplayDelivery(const ApiServices& services, const ApiCall& call) {
  const auto body = BodyFields::Read(call.request, {}, {});
  if (!body) {
    return body.error();
  }
  const auto delivery = NamedDelivery(services, call);
  if (!delivery) {
    return delivery.error();
  }
  if (!services.inbox.Replay(delivery->id)) {
    return NoSuch("such delivery");
  }
  if (delivery->source.text() == kOperationsSource) {
    services.wake_promoter();
  }
  services.wake_deliveries();
  return JsonAnswer(202, TakenJson("delivery", delivery->id, "queued"));
}

}  // namespace

void AddDeliveryRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/deliveries",
             {"source", "status", "limit", "before"},
             [&services](const ApiCall& call) { return ListDeliveries(services, call); });
  const std::string one = "/api/v1/deliveries/{delivery}";
  routes.Get(one, {}, [&services](const ApiCall& call) { return ShowDelivery(services, call); });
  routes.Post(one + "/replay", Role::kDeveloper, [&services](const ApiCall& call) {
    return ReplayDelivery(services, call);
  });
}

}  // namespace failgate
