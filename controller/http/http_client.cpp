#include "controller/http/http_client.h"

#include <httplib.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/http/request_target.h"

namespace failgate {
namespace {

constexpr Milliseconds kStopAgain{50};

bool IsHeaderText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f;
  });
}

httplib::Request BuildRequest(const ClientRequest& request, const RequestTarget& target) {
  httplib::Request built;
  if (request.method.empty() || !std::all_of(request.method.begin(),
                                             request.method.end(),
                                             [](char c) { return c >= 'A' && c <= 'Z'; })) {
    throw Error(Remedy::kNeedsChange, "a request to " + target.Name() + " has a bad method");
  }
  built.method = request.method;
  built.path = target.path;
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || !std::all_of(name.begin(), name.end(), IsVisibleCharacter) ||
        name.find(':') != std::string::npos || !IsHeaderText(value)) {
      throw Error(Remedy::kNeedsChange,
                  "a request to " + target.Name() +
                      " has a header that cannot be sent: " + OneLine(name, 60));
    }
    built.headers.emplace(name, value);
  }
  // A compressed answer could be larger than it says.
  built.set_header("Accept-Encoding", "identity");
  built.body = request.body;
  return built;
}

/// Ends the exchange when it takes too long as a whole; httplib's own timeouts are per read.
class Watchdog {
 public:
  Watchdog(httplib::ClientImpl& client, Milliseconds timeout)
      : client_(client), until_(SystemClock().Steady() + timeout), thread_([this] { Run(); }) {}
  ~Watchdog() { static_cast<void>(Finish()); }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Something came: it has this long again.
  void Extend(Milliseconds timeout) {
    const std::lock_guard<std::mutex> lock(mutex_);
    until_ = std::max(until_, SystemClock().Steady() + timeout);
  }
  /// Nobody waits for the answer any more.
  void Cut() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      cut_ = true;
    }
    changed_.notify_all();
  }
  /// true when it had to act.
  bool Finish() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
      thread_.join();
    }
    return expired_;
  }

 private:
  void Run() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!done_) {
      const SteadyTime until = until_;
      changed_.wait_until(lock, until, [this] { return done_ || cut_; });
      if (done_ || (!cut_ && until_ > until)) {
        continue;
      }
      expired_ = true;
      client_.stop();
      // Again and again: a stop before the connection is made is forgotten.
      changed_.wait_for(lock, kStopAgain, [this] { return done_; });
    }
  }

  httplib::ClientImpl& client_;
  std::mutex mutex_;
  std::condition_variable changed_;
  SteadyTime until_;
  bool done_ = false;
  bool cut_ = false;
  bool expired_ = false;
  std::thread thread_;
};

std::unique_ptr<httplib::ClientImpl> MakeClient(const ClientRequest& request,
                                                const RequestTarget& target) {
  std::unique_ptr<httplib::ClientImpl> client;
  if (target.tls) {
    auto tls = std::make_unique<httplib::SSLClient>(target.host, target.port);
    tls->enable_server_certificate_verification(true);
    if (!request.ca_file.empty()) {
      tls->set_ca_cert_path(request.ca_file.string());
    }
    SSL_CTX_set_min_proto_version(tls->ssl_context(), TLS1_2_VERSION);
    client = std::move(tls);
  } else {
    client = std::make_unique<httplib::ClientImpl>(target.host, target.port);
  }
  client->set_tcp_nodelay(true);
  client->set_follow_location(false);
  client->set_keep_alive(false);
  client->set_decompress(false);
  client->set_url_encode(false);
  client->set_connection_timeout(request.connect_timeout);
  client->set_read_timeout(request.timeout);
  client->set_write_timeout(request.timeout);
  return client;
}

Error Explain(httplib::Error error, const std::string& doing) {
  switch (error) {
    case httplib::Error::ConnectionTimeout:
      return Error(Remedy::kRetry, doing + ": no connection in time");
    case httplib::Error::Connection:
      return Error(Remedy::kRetry,
                   doing + ": no connection (refused, unreachable or unknown host)");
    case httplib::Error::SSLConnection:
      return Error(Remedy::kRetry, doing + ": the TLS handshake failed");
    case httplib::Error::SSLLoadingCerts:
      return Error(Remedy::kNeedsChange, doing + ": the CA file cannot be read");
    case httplib::Error::SSLServerVerification:
      return Error(Remedy::kNeedsChange,
                   doing + ": the server's certificate is not trusted or is for another name");
    default:  // httplib's own enum: read, write and everything that broke half-way
      return Error(Remedy::kRetry, doing + ": the connection broke before the answer was whole");
  }
}

}  // namespace

std::optional<std::string> ClientResponse::Header(std::string_view name) const {
  const std::string wanted = ToLower(name);
  const auto found = std::find_if(headers.begin(), headers.end(), [&wanted](const auto& field) {
    return ToLower(field.first) == wanted;
  });
  return found == headers.end() ? std::nullopt : std::optional<std::string>(found->second);
}

namespace {

void TakeHeaders(const httplib::Response& received, ClientResponse& response) {
  response.status = received.status;
  for (const auto& [name, value] : received.headers) {
    response.headers.emplace_back(name, value);
  }
}

/// The body, as far as it is kept in memory.
class BoundedBody {
 public:
  BoundedBody(std::string& body, std::size_t most) : body_(body), most_(most) {}
  bool Append(std::string_view piece) {
    too_large_ = piece.size() > most_ - body_.size();
    if (!too_large_) {
      body_.append(piece);
    }
    return !too_large_;
  }
  void RefuseIfTooLarge(const std::string& doing) const {
    if (too_large_) {
      throw Error(Remedy::kNeedsChange,
                  doing + ": the answer is larger than " + std::to_string(most_) + " bytes");
    }
  }

 private:
  std::string& body_;
  std::size_t most_;
  bool too_large_ = false;
};

}  // namespace

ClientResponse Fetch(const ClientRequest& request) {
  const RequestTarget target = ParseRequestTarget(request.url);
  httplib::Request built = BuildRequest(request, target);
  const std::string doing = request.method + " " + target.Name();
  ClientResponse response;
  BoundedBody body(response.body, request.max_response_bytes);
  built.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    return body.Append({data, size});
  };
  const std::unique_ptr<httplib::ClientImpl> client = MakeClient(request, target);
  Watchdog watchdog(*client, request.connect_timeout + request.timeout);
  httplib::Response received;
  httplib::Error error = httplib::Error::Success;
  const bool sent = client->send(built, received, error);
  const bool expired = watchdog.Finish();
  body.RefuseIfTooLarge(doing);
  if (!sent) {
    throw expired ? Error(Remedy::kRetry, doing + ": no whole answer in time")
                  : Explain(error, doing);
  }
  TakeHeaders(received, response);
  return response;
}

std::optional<ClientResponse> FetchInto(const ClientRequest& request,
                                        const BodyReceiver& receiver) {
  constexpr int kOk = 200;
  const RequestTarget target = ParseRequestTarget(request.url);
  httplib::Request built = BuildRequest(request, target);
  const std::string doing = request.method + " " + target.Name();
  ClientResponse response;
  BoundedBody body(response.body, request.max_response_bytes);
  bool ended = false;
  std::exception_ptr failure;
  const std::unique_ptr<httplib::ClientImpl> client = MakeClient(request, target);
  Watchdog watchdog(*client, request.connect_timeout + request.timeout);
  // httplib catches nothing on this way, and leaves its socket open: no exception may cross it.
  const auto tell = [&](const auto& told) {
    try {
      ended = !told();
    } catch (...) {
      failure = std::current_exception();
      ended = true;
    }
    watchdog.Extend(request.timeout);
    return !ended;
  };
  built.response_handler = [&](const httplib::Response& head) {
    TakeHeaders(head, response);
    return tell([&] { return receiver.begin(response); });
  };
  built.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    const std::string_view piece(data, size);
    return response.status == kOk ? tell([&] { return receiver.piece(piece); })
                                  : body.Append(piece);
  };
  bool sent = false;
  httplib::Response received;
  httplib::Error error = httplib::Error::Success;
  {
    const std::stop_callback stopped(receiver.stop, [&watchdog] { watchdog.Cut(); });
    sent = client->send(built, received, error);
  }
  const bool expired = watchdog.Finish();
  if (sent && response.status == 0) {
    // httplib tells of no head where no body can follow: HEAD and 204.
    TakeHeaders(received, response);
    static_cast<void>(tell([&] { return receiver.begin(response); }));
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
  if (ended || (!sent && receiver.stop.stop_requested())) {
    return std::nullopt;
  }
  body.RefuseIfTooLarge(doing);
  if (!sent) {
    throw expired ? Error(Remedy::kRetry, doing + ": nothing came for too long")
                  : Explain(error, doing);
  }
  return response;
}

}  // namespace failgate
