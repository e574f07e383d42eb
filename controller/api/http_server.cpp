#include "controller/api/http_server.h"

#include <openssl/ssl.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>
#include <vector>

#include "controller/api/connection_loop.h"
#include "controller/api/http_front.h"
#include "controller/base/error.h"
#include "controller/base/log.h"

namespace failgate {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr int kBacklog = 4096;
constexpr Milliseconds kAcceptPause{50};
constexpr rlim_t kOtherDescriptors = 256;  // database, git, children

Error Failure(Remedy remedy, const std::string& doing, const ErrorCode& ec) {
  return Error(remedy, doing + ": " + ec.message());
}

Tcp::endpoint Endpoint(const HttpServerOptions& options) {
  const std::string& text = options.address == "localhost" ? "127.0.0.1" : options.address;
  ErrorCode ec;
  const asio::ip::address address = asio::ip::make_address(text, ec);
  if (ec) {
    throw Error(Remedy::kNeedsChange, "listening on " + options.address + ": it is no IP address");
  }
  return {address, options.port};
}

/// The hard limit becomes the soft one; returns how many connections that leaves room for.
std::size_t RoomForConnections(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return wanted;
  }
  if (limit.rlim_cur < limit.rlim_max) {
    const rlimit raised{limit.rlim_max, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
      limit.rlim_cur = limit.rlim_max;
    }
  }
  if (limit.rlim_cur == RLIM_INFINITY) {
    return wanted;
  }
  const rlim_t room = limit.rlim_cur > 2 * kOtherDescriptors ? limit.rlim_cur - kOtherDescriptors
                                                             : limit.rlim_cur / 2;
  return std::min<std::size_t>(wanted, room);
}

asio::ssl::context MakeTlsContext(const TlsFiles& files) {
  asio::ssl::context context(asio::ssl::context::tls_server);
  SSL_CTX* const native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  ErrorCode ec;
  context.use_certificate_chain_file(files.certificate.string(), ec);
  if (ec) {
    throw Failure(
        Remedy::kNeedsChange, "reading TLS certificate " + files.certificate.string(), ec);
  }
  context.use_private_key_file(files.private_key.string(), asio::ssl::context::pem, ec);
  if (ec || SSL_CTX_check_private_key(native) != 1) {
    throw Error(Remedy::kNeedsChange,
                "reading TLS key " + files.private_key.string() +
                    (ec ? ": " + ec.message() : ": it does not belong to the certificate"));
  }
  return context;
}

}  // namespace

class HttpServer::Core {
 public:
  Core(HttpServerOptions options, RequestHandler& handler)
      : front_(std::make_shared<HttpFront>(std::move(options), handler)) {
    const HttpServerOptions& o = front_->options;
    Check(o.io_threads >= 1 && o.io_threads <= 2, "an HTTP server has one or two I/O threads");
    if (o.tls) {
      front_->tls.emplace(MakeTlsContext(*o.tls));
    }
    const auto threads = static_cast<std::size_t>(o.io_threads);
    const std::size_t room = RoomForConnections(std::max<std::size_t>(o.max_connections, 1));
    for (std::size_t i = 0; i < threads; ++i) {
      loops_.push_back(std::make_shared<ConnectionLoop>(front_, (room + threads - 1) / threads));
    }
    acceptor_.emplace(loops_.front()->context());
    pause_.emplace(loops_.front()->context());
    Listen(Endpoint(o));
  }

  void Start() {
    Accept();
    for (const auto& loop : loops_) {
      loop->Start();
    }
    started_ = true;
  }

  void Stop() {
    if (std::exchange(stopped_, true)) {
      return;
    }
    if (!started_) {
      acceptor_->close();
      return;
    }
    loops_.front()->Post([this] {
      ErrorCode ec;
      acceptor_->close(ec);
      pause_->cancel();
    });
    for (const auto& loop : loops_) {
      loop->Stop();
    }
    for (const auto& loop : loops_) {
      loop->Join();
    }
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] HttpFront& front() { return *front_; }

 private:
  void Listen(const Tcp::endpoint& endpoint) {
    const std::string doing =
        "listening on " + front_->options.address + " port " + std::to_string(endpoint.port());
    ErrorCode ec;
    acceptor_->open(endpoint.protocol(), ec);
    if (!ec) {
      acceptor_->set_option(Tcp::acceptor::reuse_address(true), ec);
    }
    if (!ec) {
      acceptor_->bind(endpoint, ec);
    }
    if (!ec) {
      acceptor_->listen(kBacklog, ec);
    }
    if (ec) {
      const bool taken = ec == asio::error::address_in_use;
      throw Failure(taken ? Remedy::kRetry : Remedy::kNeedsChange, doing, ec);
    }
    port_ = acceptor_->local_endpoint().port();
  }

  void Accept() {
    ConnectionLoop& loop =
        **std::min_element(loops_.begin(), loops_.end(), [](const auto& a, const auto& b) {
          return a->size() < b->size();
        });
    acceptor_->async_accept(loop.context(), [this, &loop](const ErrorCode& ec, Tcp::socket socket) {
      OnAccept(loop, ec, std::move(socket));
    });
  }

  void OnAccept(ConnectionLoop& loop, const ErrorCode& ec, Tcp::socket socket) {
    if (ec == asio::error::operation_aborted || !acceptor_->is_open()) {
      return;
    }
    if (ec == asio::error::no_descriptors || ec.value() == ENFILE || ec.value() == ENOMEM ||
        ec.value() == ENOBUFS) {
      log::Warning("no descriptor for a new connection", {{"error", ec.message()}});
      loops_.front()->Evict("");
      pause_->expires_after(kAcceptPause);
      pause_->async_wait([this](const ErrorCode& stopped) {
        if (!stopped) {
          Accept();
        }
      });
      return;
    }
    if (!ec) {
      front_->counters.accepted.fetch_add(1, std::memory_order_relaxed);
      loop.Dispatch([&loop, s = std::move(socket)]() mutable { loop.Adopt(std::move(s)); });
    }
    Accept();
  }

  std::shared_ptr<HttpFront> front_;
  std::vector<std::shared_ptr<ConnectionLoop>> loops_;
  std::optional<Tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> pause_;
  std::uint16_t port_ = 0;
  bool started_ = false;
  bool stopped_ = false;
};

HttpServer::HttpServer(HttpServerOptions options, RequestHandler& handler)
    : core_(std::make_unique<Core>(std::move(options), handler)) {}

HttpServer::~HttpServer() {
  core_->Stop();
}

void HttpServer::Start() {
  core_->Start();
}
void HttpServer::Stop() {
  core_->Stop();
}
std::uint16_t HttpServer::port() const {
  return core_->port();
}

HttpServerStatistics HttpServer::statistics() const {
  const HttpFront& front = core_->front();
  const HttpFrontCounters& c = front.counters;
  HttpServerStatistics s;
  s.connections = c.connections.load(std::memory_order_relaxed);
  s.accepted = c.accepted.load(std::memory_order_relaxed);
  s.refused = c.refused.load(std::memory_order_relaxed);
  s.network_refusals = c.network_refusals.load(std::memory_order_relaxed);
  s.answers_2xx = c.answers_2xx.load(std::memory_order_relaxed);
  s.answers_3xx = c.answers_3xx.load(std::memory_order_relaxed);
  s.answers_4xx = c.answers_4xx.load(std::memory_order_relaxed);
  s.answers_5xx = c.answers_5xx.load(std::memory_order_relaxed);
  s.timeouts = c.timeouts.load(std::memory_order_relaxed);
  s.streams = c.streams.load(std::memory_order_relaxed);
  s.streams_dropped = c.streams_dropped.load(std::memory_order_relaxed);
  s.body_bytes_reserved = front.budget.used();
  s.budget_refusals = c.budget_refusals.load(std::memory_order_relaxed);
  return s;
}

}  // namespace failgate
