#include "controller/api/auth.h"

#include <algorithm>

#include "controller/api/answers.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxTokenBytes = 512;
constexpr std::string_view kScheme = "Bearer ";

}  // namespace

std::optional<std::string> BearerToken(const RequestHead& head) {
  const std::optional<std::string> value = head.Header("Authorization");
  if (!value || value->size() <= kScheme.size() ||
      !EqualsIgnoringCase(std::string_view(*value).substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  std::string token = value->substr(kScheme.size());
  const bool printable =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 127; });
  return printable && token.size() <= kMaxTokenBytes ? std::optional<std::string>(std::move(token))
                                                     : std::nullopt;
}

HttpResponse UnauthorizedAnswer() {
  HttpResponse response =
      ErrorAnswer(401, "unauthenticated", "send a valid token: Authorization: Bearer TOKEN");
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"failgate\"");
  return response;
}

HttpResponse TooManyFailuresAnswer() {
  HttpResponse response =
      ErrorAnswer(429, "too_many_failures", "too many requests from this address were refused");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

std::optional<HttpResponse> RefuseRole(const TokenIdentity& who, Role needed) {
  if (Includes(who.role, needed)) {
    return std::nullopt;
  }
  return ErrorAnswer(403,
                     "forbidden",
                     "this asks the role " + std::string(Word(needed)) + "; the token's role is " +
                         std::string(Word(who.role)));
}

std::optional<HttpResponse> RefuseProject(const TokenIdentity& who, const ProjectName& project) {
  if (who.Covers(project)) {
    return std::nullopt;
  }
  return ErrorAnswer(403, "forbidden", "the token is not for this project");
}

Authenticator::Authenticator(const TokenStore& tokens, const Clock& clock)
    : tokens_(tokens), clock_(clock), failures_(RateLimiter::Options{}, clock) {}

std::optional<HttpResponse> Authenticator::RefuseHead(const RequestHead& head) {
  if (!failures_.Allows(head.remote_address)) {
    return TooManyFailuresAnswer();
  }
  // Proxies and programs disagree about which of two counts.
  if (head.HeaderCount("Authorization") > 1) {
    return ErrorAnswer(400, "repeated_header", "the header Authorization is repeated");
  }
  if (!BearerToken(head)) {
    failures_.Count(head.remote_address);
    return UnauthorizedAnswer();
  }
  return std::nullopt;
}

Result<TokenIdentity, HttpResponse> Authenticator::Authenticate(const RequestHead& head) {
  const std::optional<std::string> token = BearerToken(head);
  std::optional<TokenIdentity> identity =
      token ? tokens_.Authenticate(*token, clock_.Now()) : std::nullopt;
  if (!identity) {
    failures_.Count(head.remote_address);
    return UnauthorizedAnswer();
  }
  return *std::move(identity);
}

}  // namespace failgate
