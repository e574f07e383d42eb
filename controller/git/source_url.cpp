#include "controller/git/source_url.h"

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxUrlBytes = 2048;
constexpr int kMaxPort = 65535;

Refusal Refuse(std::string text) {
  return {"bad_url", std::move(text)};
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

/// Lower case; "[…]" for IPv6. nullopt for anything that is no host name, so no second meaning
/// either.
std::optional<std::string> ReadHost(std::string_view text) {
  std::string host = ToLower(text);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    const bool plain = host.find_first_not_of("0123456789abcdef:.", 1) == host.size() - 1;
    return plain ? std::optional(host) : std::nullopt;
  }
  if (host.empty() || host.front() == '-' || host.front() == '.' ||
      !std::all_of(host.begin(), host.end(), IsHostCharacter)) {
    return std::nullopt;
  }
  return host;
}

bool IsUserCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._-+%").find(c) != std::string_view::npos;
}

bool IsUser(std::string_view text) {
  return !text.empty() && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), IsUserCharacter);
}

/// "[user@]host[:port]" into `url`; what is wrong otherwise.
std::optional<std::string> ReadAuthority(std::string_view authority, RemoteUrl& url) {
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    if (url.scheme != UrlScheme::kSsh) {
      return "credentials do not belong into the URL: name a token instead";
    }
    url.user = std::string(authority.substr(0, at));
    if (!IsUser(url.user)) {
      return "the user name holds characters that are not allowed";
    }
    authority.remove_prefix(at + 1);
  }
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    const auto port = ParseNonNegative(authority.substr(colon + 1));
    if (!port || *port < 1 || *port > kMaxPort) {
      return "the port must be a number from 1 to 65535";
    }
    url.port = static_cast<int>(*port);
    authority = authority.substr(0, colon);
  }
  const std::optional<std::string> host = ReadHost(authority);
  if (!host) {
    return "the host is missing or holds characters that are not allowed";
  }
  url.host = *host;
  return std::nullopt;
}

Result<RemoteUrl> ParseWithScheme(std::string_view text, std::size_t separator) {
  const std::string scheme = ToLower(text.substr(0, separator));
  RemoteUrl url;
  url.text = std::string(text);
  std::string_view rest = text.substr(separator + 3);
  if (scheme == "file") {
    url.scheme = UrlScheme::kFile;
    url.path = std::string(rest);
    if (rest.empty() || rest.front() != '/') {
      return Refuse("a file URL is file:///ABSOLUTE/PATH");
    }
    return url;
  }
  if (scheme == "https") {
    url.scheme = UrlScheme::kHttps;
  } else if (scheme == "http") {
    url.scheme = UrlScheme::kHttp;
  } else if (scheme == "ssh") {
    url.scheme = UrlScheme::kSsh;
  } else {
    return Refuse("only https, http, ssh and file are supported, not \"" + OneLine(scheme, 40) +
                  "\"");
  }
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || slash + 1 == rest.size()) {
    return Refuse("the path of the repository is missing");
  }
  if (auto problem = ReadAuthority(rest.substr(0, slash), url)) {
    return Refuse(*problem);
  }
  url.path = std::string(rest.substr(slash));
  if (url.scheme != UrlScheme::kSsh && url.path.find_first_of("?#") != std::string::npos) {
    return Refuse("a repository URL has no '?' or '#'");
  }
  return url;
}

/// "[user@]host:path"
Result<RemoteUrl> ParseScpForm(std::string_view text) {
  RemoteUrl url;
  url.scheme = UrlScheme::kSsh;
  url.text = std::string(text);
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::size_t slash = text.find('/');
  if (colon == std::string_view::npos || slash < colon) {
    return Refuse("it is neither a URL, nor user@host:path, nor an absolute path");
  }
  if (text.substr(colon, 2) == "::") {
    return Refuse("git's remote helpers (\"transport::address\") are not allowed");
  }
  if (auto problem = ReadAuthority(text.substr(0, colon), url)) {
    return Refuse(*problem);
  }
  url.path = std::string(text.substr(colon + 1));
  if (url.path.empty() || url.path.front() == '-') {
    return Refuse("the path of the repository is missing");
  }
  return url;
}

int DefaultPort(UrlScheme scheme) {
  switch (scheme) {
    case UrlScheme::kHttps:
      return 443;
    case UrlScheme::kHttp:
      return 80;
    case UrlScheme::kSsh:
      return 22;
    case UrlScheme::kFile:
      break;
  }
  return 0;
}

}  // namespace

Result<RemoteUrl> ParseRemoteUrl(std::string_view text) {
  if (text.empty() || text.size() > kMaxUrlBytes) {
    return Refuse("the URL is empty or longer than 2,048 bytes");
  }
  if (text.front() == '-') {
    return Refuse("a URL cannot start with '-'");
  }
  if (std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
      })) {
    return Refuse("a URL cannot hold blanks or control characters");
  }
  if (text.front() == '/') {
    RemoteUrl url;
    url.scheme = UrlScheme::kFile;
    url.text = std::string(text);
    url.path = std::string(text);
    return url;
  }
  const std::size_t separator = text.find("://");
  if (separator != std::string_view::npos &&
      text.substr(0, separator).find(':') == std::string_view::npos) {
    return ParseWithScheme(text, separator);
  }
  return ParseScpForm(text);
}

std::optional<std::string> NormaliseRepositoryUrl(std::string_view text) {
  // A webhook may carry its sender's user name in an https URL; only the place is compared.
  std::string without_user(text);
  const std::size_t separator = text.find("://");
  if (separator != std::string_view::npos && ToLower(text.substr(0, 4)) == "http") {
    const std::size_t begin = separator + 3;
    const std::size_t slash = std::min(text.find('/', begin), text.size());
    const std::size_t at = text.substr(0, slash).rfind('@');
    if (at != std::string_view::npos && at >= begin) {
      without_user.erase(begin, at + 1 - begin);
    }
  }
  const Result<RemoteUrl> url = ParseRemoteUrl(without_user);
  if (!url) {
    return std::nullopt;
  }
  std::string path = url->path;
  while (!path.empty() && path.back() == '/') {
    path.pop_back();
  }
  if (path.size() > 4 && path.compare(path.size() - 4, 4, ".git") == 0) {
    path.resize(path.size() - 4);
  }
  path.erase(0, path.find_first_not_of('/'));
  if (path.empty()) {
    return std::nullopt;
  }
  std::string port;
  if (url->port != 0 && url->port != DefaultPort(url->scheme)) {
    port = ":" + std::to_string(url->port);
  }
  return url->host + port + "/" + path;
}

}  // namespace failgate
