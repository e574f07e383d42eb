// The resources of the API, each added by its own file.
#pragma once

#include "controller/api/api_routes.h"
#include "controller/api/change_watch.h"
#include "controller/api/event_feed.h"
#include "controller/api/hook_handler.h"
#include "controller/api/pending_requests.h"
#include "controller/api/services.h"

namespace failgate {

// What is passed must outlive the routes.

void AddHealthRoutes(ApiRoutes& routes, const ApiServices& services);
void AddMetricsRoutes(ApiRoutes& routes, const ApiServices& services, const HookHandler& hooks);
void AddProjectRoutes(ApiRoutes& routes, const ApiServices& services);
void AddEnvironmentRoutes(ApiRoutes& routes, const ApiServices& services);
void AddReleaseRoutes(ApiRoutes& routes, const ApiServices& services);
void AddRunRoutes(ApiRoutes& routes, const ApiServices& services);
void AddRunLogRoutes(ApiRoutes& routes, const ApiServices& services);
void AddCheckRoutes(ApiRoutes& routes, const ApiServices& services);
void AddDeliveryRoutes(ApiRoutes& routes, const ApiServices& services);
void AddDeploymentRoutes(ApiRoutes& routes, const ApiServices& services);
void AddAdviceRoutes(ApiRoutes& routes, const ApiServices& services);
void AddMetricHistoryRoutes(ApiRoutes& routes, const ApiServices& services);
void AddLogRoutes(ApiRoutes& routes, const ApiServices& services);
void AddSourceRoutes(ApiRoutes& routes, const ApiServices& services);
void AddWatchRoutes(ApiRoutes& routes, const ApiServices& services);
void AddWishRoutes(ApiRoutes& routes, const ApiServices& services, PendingRequests& pending);
void AddHistoryRoutes(ApiRoutes& routes, const ApiServices& services, PendingRequests& pending);
void AddEventRoutes(ApiRoutes& routes, EventFeed& feed, ChangeWatch& watch);
void AddOpenapiRoutes(ApiRoutes& routes);

}  // namespace failgate
