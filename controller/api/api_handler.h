// The program behind the HTTP front: webhooks, the API, health, metrics and events.
#pragma once

#include <memory>
#include <string>

#include "controller/api/api_routes.h"
#include "controller/api/http_server.h"
#include "controller/api/pending_requests.h"
#include "controller/api/services.h"

namespace failgate {

/// Life: construct, give to the HttpServer, Start; at the end stop the HttpServer, Stop this, stop
/// the inbox, destroy. `services` is copied; what it refers to must outlive this.
class ApiHandler final : public RequestHandler {
 public:
  struct Options {
    int workers = 2;                ///< threads that carry out routes
    std::size_t max_waiting = 512;  ///< requests for them; beyond it 503
    PendingRequests::Options pending;
    Milliseconds step_every{1000};
  };
  ApiHandler(ApiServices services, Options options);
  ~ApiHandler() override;
  ApiHandler(const ApiHandler&) = delete;
  ApiHandler& operator=(const ApiHandler&) = delete;

  /// From here on requests are carried out; before, they are answered 503.
  void Start();
  /// Answers what waits and ends the threads. Idempotent.
  void Stop();

  /// For Promoter::OnAnswered. Thread-safe.
  void Answered(const std::string& request, const std::string& answer);
  /// Runs, deliveries or facts may have changed: listeners to events are told soon. Thread-safe and
  /// cheap.
  void Changed();

  Admission Admit(const RequestHead& head) override;
  void Handle(HttpRequest request, Responder responder) override;
  void EndTurn() override;

  [[nodiscard]] const ApiRoutes& routes() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace failgate
