#include "controller/api/api_handler.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "controller/api/answers.h"
#include "controller/api/auth.h"
#include "controller/api/change_watch.h"
#include "controller/api/event_feed.h"
#include "controller/api/hook_handler.h"
#include "controller/api/network.h"
#include "controller/api/route_workers.h"
#include "controller/api/routes/routes.h"
#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/base/periodic_loop.h"

namespace failgate {
namespace {

/// Checked on the event loop up to this size: about a millisecond. Longer ones go to the workers.
constexpr std::size_t kMaxBytesAtOnce = std::size_t{256} << 10U;

/// A copyable owner, for work kept in std::function.
struct HeldRequest {
  HttpRequest request;
  std::optional<Responder> responder;
};

struct RequestLine {
  std::string method;
  std::string path;
};

HttpResponse FailureAnswer(const RequestLine& line, const std::exception& error, bool may_pass) {
  log::Error("a request failed",
             {{"method", line.method}, {"path", line.path}, {"reason", error.what()}});
  return may_pass ? BusyAnswer("unavailable", "the request cannot be carried out now: try again")
                  : ErrorAnswer(500, "internal", "the request failed; the log says why");
}

std::optional<HttpResponse> RefuseQuery(const ApiRoute& route, const QueryParameters& query) {
  for (const auto& parameter : query.all()) {
    if (std::find(route.query.begin(), route.query.end(), parameter.first) == route.query.end()) {
      return ErrorAnswer(422, "unknown_parameter", "the query has a parameter that is not known");
    }
  }
  return std::nullopt;
}

}  // namespace

struct ApiHandler::Parts {
  Parts(ApiServices given, Options chosen)
      : services(std::move(given)),
        options(chosen),
        authenticator(services.tokens, services.clock),
        hooks(services.config,
              services.environment,
              services.inbox,
              services.wake_promoter,
              services.clock),
        pending(options.pending, services.requests, services.trouble, services.clock),
        feed(EventFeed::Options{}, services.tokens, services.clock),
        watch(services, feed) {
    AddHealthRoutes(routes, services);
    AddMetricsRoutes(routes, services, hooks);
    AddProjectRoutes(routes, services);
    AddEnvironmentRoutes(routes, services);
    AddReleaseRoutes(routes, services);
    AddRunRoutes(routes, services);
    AddRunLogRoutes(routes, services);
    AddCheckRoutes(routes, services);
    AddDeliveryRoutes(routes, services);
    AddDeploymentRoutes(routes, services);
    AddAdviceRoutes(routes, services);
    AddMetricHistoryRoutes(routes, services);
    AddLogRoutes(routes, services);
    AddSourceRoutes(routes, services);
    AddWatchRoutes(routes, services);
    AddWishRoutes(routes, services, pending);
    AddHistoryRoutes(routes, services, pending);
    AddEventRoutes(routes, feed, watch);
    AddOpenapiRoutes(routes);
  }

  [[nodiscard]] bool NeedsToken(const ApiRoute& route, const RequestHead& head) const;
  [[nodiscard]] std::optional<HttpResponse> Prepare(const ApiRoute& route, ApiCall& call);
  void Carry(HttpRequest request, Responder& responder);
  void CarrySafely(HttpRequest request, Responder responder);
  void Post(HttpRequest request, Responder responder);

  ApiServices services;
  Options options;
  ApiRoutes routes;
  Authenticator authenticator;
  HookHandler hooks;
  PendingRequests pending;
  EventFeed feed;
  ChangeWatch watch;
  std::optional<RouteWorkers> workers;
  std::optional<PeriodicLoop> loop;
  /// Set once the loop stands: others may tell of changes before that.
  std::atomic<PeriodicLoop*> started{nullptr};
};

bool ApiHandler::Parts::NeedsToken(const ApiRoute& route, const RequestHead& head) const {
  switch (route.access) {
    case Access::kOpen:
      return false;
    case Access::kToken:
      return true;
    case Access::kMetrics:
      break;
  }
  const auto& allowed = services.config.metrics_allow;
  return std::none_of(allowed.begin(), allowed.end(), [&](const std::string& address) {
    return NetworkOf(address) == NetworkOf(head.remote_address);
  });
}

/// What stands between a request and its route; nullopt = nothing.
std::optional<HttpResponse> ApiHandler::Parts::Prepare(const ApiRoute& route, ApiCall& call) {
  if (NeedsToken(route, call.request)) {
    auto who = authenticator.Authenticate(call.request);
    if (!who) {
      return who.error();
    }
    call.who = *std::move(who);
    if (auto refused = RefuseRole(call.who, route.role)) {
      return refused;
    }
    if (!call.Parameter("project").empty()) {
      if (auto refused = RefuseProject(call.who, call.project())) {
        return refused;
      }
    }
  }
  if (route.access == Access::kOpen) {
    return std::nullopt;
  }
  auto query = ParseQuery(call.request.query);
  if (!query) {
    return ErrorAnswer(422, query.error().code, query.error().text);
  }
  call.query = *std::move(query);
  return RefuseQuery(route, call.query);
}

void ApiHandler::Parts::Carry(HttpRequest request, Responder& responder) {
  if (HookHandler::IsHookPath(request.path)) {
    hooks.Handle(std::move(request), std::move(responder));
    return;
  }
  ApiRoutes::Match match = routes.Find(request.method, request.path);
  if (match.outcome != RouteTable::Outcome::kFound) {
    responder.Send(NoSuch("such path"));
    return;
  }
  const ApiRoute& route = **match.target;
  ApiCall call;
  call.request = std::move(request);
  call.parameters = std::move(match.parameters);
  if (auto refused = Prepare(route, call)) {
    responder.Send(*std::move(refused));
    return;
  }
  route.function(call, responder);
}

void ApiHandler::Parts::CarrySafely(HttpRequest request, Responder responder) {
  const RequestLine line{request.method, request.path};
  try {
    Carry(std::move(request), responder);
  } catch (const Error& error) {
    HttpResponse answer = FailureAnswer(line, error, error.remedy() == Remedy::kRetry);
    if (!responder.answered()) {
      responder.Send(std::move(answer));
    }
  } catch (const std::exception& error) {
    HttpResponse answer = FailureAnswer(line, error, false);
    if (!responder.answered()) {
      responder.Send(std::move(answer));
    }
  }
}

void ApiHandler::Parts::Post(HttpRequest request, Responder responder) {
  auto held = std::make_shared<HeldRequest>();
  held->request = std::move(request);
  held->responder.emplace(std::move(responder));
  const bool taken = workers && workers->Post([this, held] {
    CarrySafely(std::move(held->request), *std::move(held->responder));
    hooks.Write();
  });
  if (!taken) {
    held->responder->Send(BusyAnswer("busy", "too many requests wait: try again"));
  }
}

ApiHandler::ApiHandler(ApiServices services, Options options)
    : parts_(std::make_unique<Parts>(std::move(services), options)) {}

ApiHandler::~ApiHandler() {
  Stop();
}

void ApiHandler::Start() {
  parts_->workers.emplace(parts_->options.workers, parts_->options.max_waiting);
  PeriodicLoop::Options options;
  options.name = "api";
  options.period = parts_->options.step_every;
  parts_->loop.emplace(std::move(options), [parts = parts_.get()] {
    parts->pending.Expire();
    parts->feed.Beat();
    parts->watch.Step();
  });
  parts_->started = &*parts_->loop;
}

void ApiHandler::Stop() {
  if (parts_->loop) {
    parts_->loop->Stop();
  }
  if (parts_->workers) {
    parts_->workers->Stop();
  }
  parts_->pending.ExpireAll();
  parts_->feed.Close();
}

void ApiHandler::Answered(const std::string& request, const std::string& answer) {
  parts_->pending.Answered(request, answer);
}

void ApiHandler::Changed() {
  PeriodicLoop* const loop = parts_->started.load();
  if (loop != nullptr && parts_->feed.listeners() > 0) {
    loop->Wake();
  }
}

Admission ApiHandler::Admit(const RequestHead& head) {
  if (HookHandler::IsHookPath(head.path)) {
    return parts_->hooks.Admit(head);
  }
  const ApiRoutes::Match match = parts_->routes.Find(head.method, head.path);
  switch (match.outcome) {
    case RouteTable::Outcome::kNotFound:
      return Admission::Refuse(NoSuch("such path"));
    case RouteTable::Outcome::kMethodNotAllowed: {
      HttpResponse response =
          ErrorAnswer(405, "method_not_allowed", "the path does not take this method");
      response.headers.emplace_back("Allow", match.allow);
      return Admission::Refuse(std::move(response));
    }
    case RouteTable::Outcome::kFound:
      break;
  }
  const ApiRoute& route = **match.target;
  if (parts_->NeedsToken(route, head)) {
    if (auto refused = parts_->authenticator.RefuseHead(head)) {
      return Admission::Refuse(*std::move(refused));
    }
  }
  return Admission::Accept(route.max_body_bytes);
}

void ApiHandler::Handle(HttpRequest request, Responder responder) {
  const bool hook = HookHandler::IsHookPath(request.path);
  const ApiRoutes::Match match =
      hook ? ApiRoutes::Match{} : parts_->routes.Find(request.method, request.path);
  const bool at_once =
      hook ? request.body.size() <= kMaxBytesAtOnce
           : match.outcome == RouteTable::Outcome::kFound && (*match.target)->at_once;
  if (at_once) {
    parts_->CarrySafely(std::move(request), std::move(responder));
  } else {
    parts_->Post(std::move(request), std::move(responder));
  }
}

void ApiHandler::EndTurn() {
  parts_->hooks.Write();
}

const ApiRoutes& ApiHandler::routes() const {
  return parts_->routes;
}

}  // namespace failgate
