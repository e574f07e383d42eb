#include "tests/integration/api/test_front.h"

#include <chrono>
#include <stdexcept>
#include <thread>

#include "tests/integration/api/raw_client.h"

namespace failgate {
namespace {

constexpr std::uint64_t kHookBytes = 1000;
constexpr std::uint64_t kBigBytes = std::uint64_t{1} << 20U;

}  // namespace

TestRoutes::TestRoutes() {
  router_.Add("POST", "/hook", "hook");
  router_.Add("POST", "/big", "big");
  router_.Add("GET", "/plain", "plain");
  router_.Add("GET", "/throw", "throw");
  router_.Add("GET", "/refuse-by-throwing", "refuse");
  router_.Add("GET", "/forget", "forget");
  router_.Add("GET", "/park", "park");
  router_.Add("GET", "/stream", "stream");
  router_.Add("GET", "/split", "split");
}

Admission TestRoutes::Admit(const RequestHead& head) {
  ++admitted;
  const auto match = router_.Find(head.method, head.path);
  if (match.outcome == RouteTable::Outcome::kNotFound) {
    return Admission::Refuse(StatusResponse(404));
  }
  if (match.outcome == RouteTable::Outcome::kMethodNotAllowed) {
    return Admission::Refuse(StatusResponse(405, {{"Allow", match.allow}}));
  }
  if (*match.target == "refuse") {
    throw std::runtime_error("admission");
  }
  if (*match.target == "hook" && !head.Header("X-Token")) {
    return Admission::Refuse(StatusResponse(401));
  }
  return Admission::Accept(*match.target == "hook"  ? kHookBytes
                           : *match.target == "big" ? kBigBytes
                                                    : 0);
}

void TestRoutes::Handle(HttpRequest request, Responder responder) {
  ++handled;
  if (request.path == "/throw") {
    throw std::runtime_error("handling");
  }
  if (request.path == "/park") {
    parked.Lock()->push_back(std::move(responder));
    return;
  }
  if (request.path == "/stream") {
    on_stream(std::move(responder));
    return;
  }
  if (request.path == "/forget") {
    return;
  }
  HttpResponse response;
  if (request.path == "/split") {
    response.headers = {{"X-Name", "a\r\nX-Evil: b"}};
  } else if (request.path == "/plain") {
    response.body = "ok";
  } else {
    response.status = 202;
    response.body = std::move(request.body);
  }
  responder.Send(std::move(response));
}

void TestRoutes::AwaitParked(std::size_t count) {
  while (parked.Lock()->size() < count) {
    std::this_thread::yield();
  }
}

void TestFront::AwaitEmptyBudget() {
  while (server_->statistics().body_bytes_reserved != 0) {
    std::this_thread::yield();
  }
}

TestFront::TestFront(HttpServerOptions options, bool tls) {
  if (tls) {
    const MadeCertificate made = MakeCertificate();
    const auto key_file = folder_.path() / "key.pem";
    WriteFileDurably(certificate_file(), made.certificate);
    WriteFileDurably(key_file, made.key, 0600);
    options.tls = TlsFiles{certificate_file(), key_file};
  }
  server_.emplace(std::move(options), routes);
  server_->Start();
}

}  // namespace failgate
