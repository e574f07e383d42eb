// Which body a delivery had: to know it again, and to see that it was written whole.
#pragma once

#include <string>
#include <string_view>

namespace failgate {

/// "xxh3-128:" and 32 hex digits (XXH3, 128 bits). Not against forgers: whoever could make two
/// bodies of one digest holds the source's secret and may push what he likes; every body was hashed
/// once with that secret before, and a second SHA-256 cost a tenth of what a delivery costs.
[[nodiscard]] std::string DigestOfBody(std::string_view body);
/// A digest out of a journal: older versions wrote the 64 hex digits of a SHA-256 without
/// "sha256:".
[[nodiscard]] std::string NamedBodyDigest(std::string digest);
/// For both kinds of named digests.
[[nodiscard]] bool IsDigestOfBody(std::string_view digest, std::string_view body);

}  // namespace failgate
