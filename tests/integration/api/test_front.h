// A server with a few routes that behave in the ways a transport must survive.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "controller/api/http_server.h"
#include "controller/api/router.h"
#include "controller/base/durable_file.h"
#include "controller/base/guarded.h"

namespace failgate {

/// POST /hook wants a token and at most 1000 bytes and echoes its body with 202; GET /plain answers
/// "ok"; POST /big takes a MiB; /throw throws; /forget drops its responder; /park keeps it.
class TestRoutes final : public RequestHandler {
 public:
  TestRoutes();
  Admission Admit(const RequestHead& head) override;
  void Handle(HttpRequest request, Responder responder) override;
  void EndTurn() override { handled_in_ended_turns = handled.load(); }

  std::atomic<int> handled{0};
  std::atomic<int> admitted{0};
  std::atomic<int> handled_in_ended_turns{0};
  Guarded<std::vector<Responder>> parked;
  /// For GET /stream.
  std::function<void(Responder)> on_stream = [](Responder) {};
  /// Returns when `count` responders are parked.
  void AwaitParked(std::size_t count);

 private:
  Router<std::string> router_;
};

/// Server and routes on a free port; with TLS under a certificate of its own.
class TestFront {
 public:
  explicit TestFront(HttpServerOptions options = {}, bool tls = false);
  TestRoutes routes;
  HttpServer& server() { return *server_; }
  /// Returns when no body is reserved: the client sees its answer a moment earlier.
  void AwaitEmptyBudget();
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] std::string certificate_file() const {
    return (folder_.path() / "certificate.pem").string();
  }

 private:
  TemporaryFolder folder_;
  std::optional<HttpServer> server_;
};

}  // namespace failgate
