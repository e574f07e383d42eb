// Who asks, and whether they may: bearer tokens, roles, project scopes.
#pragma once

#include <optional>
#include <string>

#include "controller/api/http_message.h"
#include "controller/api/rate_limiter.h"
#include "controller/base/result.h"
#include "controller/store/token_store.h"

namespace failgate {

/// The token of `Authorization: Bearer TOKEN`, nullopt for anything else. A query is never looked
/// at.
[[nodiscard]] std::optional<std::string> BearerToken(const RequestHead& head);

/// 401 with WWW-Authenticate: the same for every cause.
[[nodiscard]] HttpResponse UnauthorizedAnswer();
/// 429 with Retry-After.
[[nodiscard]] HttpResponse TooManyFailuresAnswer();
/// 403 unless `who` has at least the role.
[[nodiscard]] std::optional<HttpResponse> RefuseRole(const TokenIdentity& who, Role needed);
/// 403 unless the token is for this project; the same whether the project exists or not.
[[nodiscard]] std::optional<HttpResponse> RefuseProject(const TokenIdentity& who,
                                                        const ProjectName& project);

/// Thread-safe.
class Authenticator {
 public:
  Authenticator(const TokenStore& tokens, const Clock& clock);
  /// Before the body is read; touches no database: 429, or 401 without a well-formed bearer token.
  [[nodiscard]] std::optional<HttpResponse> RefuseHead(const RequestHead& head);
  /// Asks the token store. The error is the answer to send.
  [[nodiscard]] Result<TokenIdentity, HttpResponse> Authenticate(const RequestHead& head);

 private:
  const TokenStore& tokens_;
  const Clock& clock_;
  RateLimiter failures_;
};

}  // namespace failgate
