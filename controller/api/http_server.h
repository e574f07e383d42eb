// The inbound HTTP/1.1 front: strict framing, limits before bytes, one or two event loops.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "controller/api/http_message.h"
#include "controller/api/responder.h"
#include "controller/base/clock.h"

namespace failgate {

struct TlsFiles {
  std::filesystem::path certificate;  ///< PEM, leaf first, chain after it
  std::filesystem::path private_key;  ///< PEM, not encrypted
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";  ///< an IP address, or "localhost"
  std::uint16_t port = 0;             ///< 0 = any free one, see HttpServer::port()
  std::optional<TlsFiles> tls;        ///< TLS 1.2 or newer
  int io_threads = 1;                 ///< 1 or 2
  std::size_t max_head_bytes = std::size_t{16} << 10U;
  Milliseconds head_deadline{10'000};  ///< from the first byte of a request to the end of its head
  Milliseconds request_deadline{
      30'000};                         ///< from the first byte of a request to the last of its body
  Milliseconds idle_deadline{60'000};  ///< without a request under way
  Milliseconds linger_deadline{2'000};   ///< for the client to take the last answer
  Milliseconds stop_deadline{5'000};     ///< for answers under way when Stop() is called
  std::size_t max_connections = 10'000;  ///< beyond it one is closed: see ConnectionLoop::Evict
  std::size_t max_connections_per_network = 5'000;  ///< as above, for one client (NetworkOf)
  std::size_t body_budget_bytes = std::size_t{128}
                                  << 20U;  ///< for the bodies of all requests at once
  Milliseconds body_patience{2'000};  ///< a body coming in for longer gives way when room is short
  std::size_t max_chunk_extension_bytes = 256;
  std::size_t stream_buffer_bytes = std::size_t{256}
                                    << 10U;  ///< a connection; a slower client is dropped
};

/// A snapshot; counts since start unless said otherwise.
struct HttpServerStatistics {
  std::uint64_t connections = 0;  ///< open now
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;           ///< closed for a connection cap, new ones and evicted ones
  std::uint64_t network_refusals = 0;  ///< times one client was at its own cap
  std::uint64_t answers_2xx = 0;
  std::uint64_t answers_3xx = 0;
  std::uint64_t answers_4xx = 0;
  std::uint64_t answers_5xx = 0;
  std::uint64_t timeouts = 0;             ///< of them: 408
  std::uint64_t streams = 0;              ///< open now
  std::uint64_t streams_dropped = 0;      ///< slow clients
  std::uint64_t body_bytes_reserved = 0;  ///< of the budget, now
  std::uint64_t budget_refusals = 0;      ///< 503 because the budget was used up
};

/// What becomes of a request whose head has been read.
struct Admission {
  /// Set: answer this and read no body (the connection ends if the request has one).
  std::optional<HttpResponse> refusal;
  /// A longer body is answered 413, before reading where its length is declared.
  std::uint64_t max_body_bytes = 0;

  static Admission Accept(std::uint64_t max_body_bytes) { return {std::nullopt, max_body_bytes}; }
  static Admission Refuse(HttpResponse response) { return {std::move(response), 0}; }
};

/// The program behind the front. Its functions run on an event loop, with two io_threads on two at
/// once: they must be thread-safe and never wait. What they throw is logged; a request that threw
/// is answered 500.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  /// Before the body is read: route 404, method 405 with Allow, rate 429, types 415, missing
  /// credentials 401. 413, 417 and 100 Continue follow from the answer by themselves.
  virtual Admission Admit(const RequestHead& head) = 0;
  /// With the whole body. Answer now or later through `responder`.
  virtual void Handle(HttpRequest request, Responder responder) = 0;
  /// After the last of some requests that came at once: what they have in common can be done now.
  /// At most a third of a millisecond after the first of them was handled.
  virtual void EndTurn() {}
};

/// Owns socket, loops and connections; `handler` must outlive it. Start and Stop from one thread.
class HttpServer {
 public:
  /// Binds and listens (backlog 4096), raises RLIMIT_NOFILE to its hard limit. Throws Error: kRetry
  /// when the address is taken, kNeedsChange for a bad address, certificate or key.
  HttpServer(HttpServerOptions options, RequestHandler& handler);
  ~HttpServer();  ///< Stop()
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Connections that came before it wait in the backlog.
  void Start();
  /// Accepts no more, closes idle connections, ends streams, lets answers under way finish (at most
  /// stop_deadline), joins. Idempotent. Responders may outlive it; their answers go nowhere.
  void Stop();
  [[nodiscard]] std::uint16_t port() const;
  /// Thread-safe.
  [[nodiscard]] HttpServerStatistics statistics() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace failgate
