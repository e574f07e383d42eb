#include "controller/http/request_target.h"

#include <algorithm>
#include <string_view>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr long long kMaxPort = 65535;

Error BadUrl(const std::string& why) {
  return Error(Remedy::kNeedsChange, "this URL cannot be requested: " + why);
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_' || c == ':';
}

/// Splits "host", "host:port", "[v6]" or "[v6]:port".
void ParseAuthority(std::string_view authority, RequestTarget& target) {
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

}  // namespace

std::string RequestTarget::Name() const {
  return (tls ? "https://" : "http://") +
         (host.find(':') == std::string::npos ? host : '[' + host + ']') + ':' +
         std::to_string(port);
}

RequestTarget ParseRequestTarget(const std::string& url) {
  RequestTarget target;
  std::string_view rest = url;
  if (rest.substr(0, 8) == "https://") {
    target.tls = true;
    rest.remove_prefix(8);
  } else if (rest.substr(0, 7) == "http://") {
    rest.remove_prefix(7);
  } else {
    throw BadUrl("it starts neither with http:// nor https://");
  }
  if (!std::all_of(rest.begin(), rest.end(), IsVisibleCharacter) ||
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

bool IsVisibleCharacter(char c) {
  return c > 0x20 && c < 0x7f;
}

}  // namespace failgate
