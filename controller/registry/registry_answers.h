// What a registry answers, read strictly. Pure. Sources: OCI distribution specification 1.1, and
// the token authentication of distribution.github.io.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.h"

namespace failgate {

/// The header WWW-Authenticate of a 401.
struct RegistryChallenge {
  enum class Scheme { kBasic, kBearer };
  Scheme scheme = Scheme::kBasic;
  std::string realm;    ///< of kBearer: where tokens are, as it was sent
  std::string service;  ///< of kBearer; may be empty
  bool operator==(const RegistryChallenge&) const = default;
};
/// nullopt for another scheme, and for parameters that cannot be read.
[[nodiscard]] std::optional<RegistryChallenge> ReadChallenge(std::string_view header);

/// The address to ask for a token that may pull `repository`, whatever scope the challenge names.
/// Refused (`realm`): a realm that is not https, has a user, query or fragment, or is neither of
/// the registry's own host nor of one of `token_hosts`. A registry on this machine may name itself
/// over http.
[[nodiscard]] Result<std::string> TokenUrl(const RegistryChallenge& challenge,
                                           std::string_view registry,
                                           std::string_view repository,
                                           const std::vector<std::string>& token_hosts);

/// {"token"} or {"access_token"}, of at most 16 KiB that can stand in a header.
[[nodiscard]] std::optional<std::string> ReadRegistryToken(std::string_view text);

/// {"tags": [TAG…] or null}; nullopt when it is something else or holds what is no tag.
[[nodiscard]] std::optional<std::vector<std::string>> ReadTagList(std::string_view text);

/// The `last` parameter of the rel="next" address in a Link header; nullopt on the last page.
/// Nothing else of that address is used.
[[nodiscard]] std::optional<std::string> NextTagPage(std::string_view link);

/// "sha256:" and 64, or "sha512:" and 128 lower-case hexadecimal digits.
[[nodiscard]] bool IsImageDigest(std::string_view text);

}  // namespace failgate
