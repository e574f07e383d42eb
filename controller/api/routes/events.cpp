#include "controller/api/auth.h"
#include "controller/api/routes/routes.h"

namespace failgate {

void AddEventRoutes(ApiRoutes& routes, EventFeed& feed, ChangeWatch& watch) {
  ApiRoute route;
  route.method = "GET";
  route.pattern = "/api/v1/events";
  route.function = [&feed, &watch](ApiCall& call, Responder& responder) {
    watch.Begin();
    Secret token(BearerToken(call.request).value_or(""));
    feed.Listen(std::move(responder), std::move(token), std::move(call.who));
  };
  routes.Add(std::move(route));
}

}  // namespace failgate
