#include "controller/http/http_client.h"

#include <httplib.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr long long kMaxPort = 65535;
constexpr Milliseconds kStopAgain{50};

struct Target {
  bool tls = false;
  std::string host;  ///< without the brackets of an IPv6 address
  int port = 0;
  std::string path;  ///< with the query

  [[nodiscard]] std::string Name() const {
    return (tls ? "https://" : "http://") +
           (host.find(':') == std::string::npos ? host : '[' + host + ']') + ':' +
           std::to_string(port);
  }
};

Error BadUrl(const std::string& why) {
  return Error(Remedy::kNeedsChange, "this URL cannot be requested: " + why);
}

bool IsVisible(char c) {
  return c > 0x20 && c < 0x7f;
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_' || c == ':';
}

/// Splits "host", "host:port", "[v6]" or "[v6]:port".
void ParseAuthority(std::string_view authority, Target& target) {
  std::string_view port;
  bool has_port = false;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) {
      throw BadUrl("a bracket is not closed");
    }
    target.host = authority.substr(1, end - 1);
    const std::string_view rest = authority.substr(end + 1);
    has_port = !rest.empty();
    if (has_port && rest.front() != ':') {
      throw BadUrl("the port is not a number");
    }
    port = has_port ? rest.substr(1) : rest;
  } else {
    const std::size_t colon = authority.find(':');
    has_port = colon != std::string_view::npos;
    target.host = authority.substr(0, colon);
    port = has_port ? authority.substr(colon + 1) : std::string_view();
    if (target.host.find(':') != std::string::npos) {
      throw BadUrl("the host is not valid");
    }
  }
  if (target.host.empty() ||
      !std::all_of(target.host.begin(), target.host.end(), IsHostCharacter)) {
    throw BadUrl("the host is missing or not valid");
  }
  target.port = target.tls ? 443 : 80;
  if (has_port) {
    const auto number = ParseNonNegative(port);
    if (!number || *number < 1 || *number > kMaxPort) {
      throw BadUrl("the port is not a number from 1 to 65535");
    }
    target.port = static_cast<int>(*number);
  }
}

Target ParseUrl(const std::string& url) {
  Target target;
  std::string_view rest = url;
  if (rest.substr(0, 8) == "https://") {
    target.tls = true;
    rest.remove_prefix(8);
  } else if (rest.substr(0, 7) == "http://") {
    rest.remove_prefix(7);
  } else {
    throw BadUrl("it starts neither with http:// nor https://");
  }
  if (!std::all_of(rest.begin(), rest.end(), IsVisible) ||
      rest.find('#') != std::string_view::npos) {
    throw BadUrl("it holds a blank, a fragment or a character that is not percent-encoded");
  }
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos) {
    throw BadUrl("credentials belong in a header, not in the URL");
  }
  ParseAuthority(authority, target);
  target.path = rest.substr(end);
  if (target.path.empty() || target.path.front() == '?') {
    target.path.insert(0, "/");
  }
  return target;
}

bool IsHeaderText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f;
  });
}

httplib::Request BuildRequest(const ClientRequest& request, const Target& target) {
  httplib::Request built;
  if (request.method.empty() || !std::all_of(request.method.begin(),
                                             request.method.end(),
                                             [](char c) { return c >= 'A' && c <= 'Z'; })) {
    throw Error(Remedy::kNeedsChange, "a request to " + target.Name() + " has a bad method");
  }
  built.method = request.method;
  built.path = target.path;
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || !std::all_of(name.begin(), name.end(), IsVisible) ||
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
      : thread_([this, &client, timeout](const std::stop_token& stop) {
          std::unique_lock<std::mutex> lock(mutex_);
          // Again and again: a stop before the connection is made is forgotten.
          for (Milliseconds wait = timeout;
               !changed_.wait_for(lock, stop, wait, [this] { return done_; });
               wait = kStopAgain) {
            if (stop.stop_requested()) {
              return;
            }
            expired_ = true;
            client.stop();
          }
        }) {}
  /// true when it had to act.
  bool Finish() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
    return expired_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool done_ = false;
  bool expired_ = false;
  std::jthread thread_;
};

std::unique_ptr<httplib::ClientImpl> MakeClient(const ClientRequest& request,
                                                const Target& target) {
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

ClientResponse Fetch(const ClientRequest& request) {
  const Target target = ParseUrl(request.url);
  httplib::Request built = BuildRequest(request, target);
  const std::string doing = request.method + " " + target.Name();
  ClientResponse response;
  bool too_large = false;
  built.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    too_large = size > request.max_response_bytes - response.body.size();
    if (!too_large) {
      response.body.append(data, size);
    }
    return !too_large;
  };
  const std::unique_ptr<httplib::ClientImpl> client = MakeClient(request, target);
  Watchdog watchdog(*client, request.connect_timeout + request.timeout);
  httplib::Response received;
  httplib::Error error = httplib::Error::Success;
  const bool sent = client->send(built, received, error);
  const bool expired = watchdog.Finish();
  if (too_large) {
    throw Error(Remedy::kNeedsChange,
                doing + ": the answer is larger than " +
                    std::to_string(request.max_response_bytes) + " bytes");
  }
  if (!sent) {
    throw expired ? Error(Remedy::kRetry, doing + ": no whole answer in time")
                  : Explain(error, doing);
  }
  response.status = received.status;
  for (const auto& [name, value] : received.headers) {
    response.headers.emplace_back(name, value);
  }
  return response;
}

}  // namespace failgate
