#include "webhooks/repository_url.h"

#include <algorithm>
#include <array>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr int kMaxPort = 65535;
constexpr std::size_t kMaxPortDigits = 5;

struct Scheme {
  std::string_view name;
  int default_port;
};
constexpr std::array<Scheme, 4> kSchemes = {
    {{"https", 443}, {"http", 80}, {"ssh", 22}, {"git", 9418}}};

bool HasForbiddenByte(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f || c == '\\';
  });
}

std::optional<std::string> NormaliseHost(std::string_view host) {
  if (!host.empty() && host.back() == '.') {
    host.remove_suffix(1);
  }
  const bool known = std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '[' || c == ']' || c == ':';
  });
  if (host.empty() || !known) {
    return std::nullopt;
  }
  return ToLower(host);
}

std::optional<std::string> NormalisePath(std::string_view path) {
  while (!path.empty() && path.front() == '/') {
    path.remove_prefix(1);
  }
  while (!path.empty() && path.back() == '/') {
    path.remove_suffix(1);
  }
  constexpr std::string_view kGitSuffix = ".git";
  if (path.size() > kGitSuffix.size() &&
      path.substr(path.size() - kGitSuffix.size()) == kGitSuffix) {
    path.remove_suffix(kGitSuffix.size());
  }
  if (path.empty() || path.find_first_of("?#") != std::string_view::npos) {
    return std::nullopt;
  }
  const bool stays_inside =
      EveryPart(path, '/', [](std::string_view part) { return part != "." && part != ".."; });
  return stays_inside ? std::optional<std::string>(path) : std::nullopt;
}

std::optional<RepositoryUrl> FilePath(std::string_view path) {
  const std::optional<std::string> normal = NormalisePath(path);
  if (!normal) {
    return std::nullopt;
  }
  return RepositoryUrl{false, "", 0, *normal};
}

// The port behind `host` in "host:port" or "[v6]:port"; 0 without one, -1 for nonsense.
int SplitPort(std::string_view& authority) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) {
    return 0;
  }
  const std::string_view digits = authority.substr(colon + 1);
  authority = authority.substr(0, colon);
  if (digits.empty()) {
    return 0;
  }
  const std::optional<long long> port =
      digits.size() <= kMaxPortDigits ? ParseNonNegative(digits) : std::nullopt;
  return port && *port >= 1 && *port <= kMaxPort ? static_cast<int>(*port) : -1;
}

std::optional<RepositoryUrl> WithScheme(std::string_view name, std::string_view rest) {
  const std::string lower = ToLower(name);
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view authority = rest.substr(0, slash);
  const std::string_view path_text = rest.substr(slash);
  if (lower == "file") {
    return authority.empty() || authority == "localhost" ? FilePath(path_text) : std::nullopt;
  }
  const auto* const scheme = std::find_if(
      kSchemes.begin(), kSchemes.end(), [&](const Scheme& known) { return known.name == lower; });
  if (scheme == kSchemes.end()) {
    return std::nullopt;
  }
  // The last '@' ends the user information, as connecting programs read it: what stands before may
  // look like a trusted host.
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  int port = SplitPort(authority);
  const std::optional<std::string> host = NormaliseHost(authority);
  const std::optional<std::string> path = NormalisePath(path_text);
  if (port < 0 || !host || !path) {
    return std::nullopt;
  }
  if (port == scheme->default_port) {
    port = 0;
  }
  return RepositoryUrl{lower == "ssh", *host, port, ToLower(*path)};
}

// git's short form of ssh: a colon before the first slash.
std::optional<RepositoryUrl> ScpForm(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos ||
      text.substr(0, colon).find('/') != std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view authority = text.substr(0, colon);
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  const std::optional<std::string> host = NormaliseHost(authority);
  const std::optional<std::string> path = NormalisePath(text.substr(colon + 1));
  if (!host || !path) {
    return std::nullopt;
  }
  return RepositoryUrl{true, *host, 0, ToLower(*path)};
}

}  // namespace

std::optional<RepositoryUrl> ParseRepositoryUrl(std::string_view text) {
  if (text.empty()) {
    return std::nullopt;
  }
  // A file path may hold blanks: only URLs are refused for them.
  if (text.front() == '/') {
    return FilePath(text);
  }
  constexpr std::string_view kFileScheme = "file:///";
  if (text.substr(0, kFileScheme.size()) == kFileScheme) {
    return FilePath(text.substr(kFileScheme.size() - 1));
  }
  if (HasForbiddenByte(text)) {
    return std::nullopt;
  }
  const std::size_t separator = text.find("://");
  if (separator != std::string_view::npos) {
    return WithScheme(text.substr(0, separator), text.substr(separator + 3));
  }
  return ScpForm(text);
}

bool SameRepository(const RepositoryUrl& a, const RepositoryUrl& b) {
  return a.host == b.host && a.port == b.port && a.path == b.path;
}

}  // namespace failgate
