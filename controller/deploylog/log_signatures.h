// Whether a log that comes from the remote was written by controllers that may write it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

#include "controller/base/ids.h"
#include "controller/git/allowed_signers.h"

namespace failgate {

/// So many of the newest commits are checked one by one.
inline constexpr std::size_t kSignaturesChecked = 10'000;

/// True when each commit that is in `to` and not in `from` (nullopt: each of the whole history)
/// carries a good signature of an allowed key, checked on all processors. Of more than
/// kSignaturesChecked only the newest are: a signed commit names its parent by its hash and so
/// everything before it, and a controller signs only what follows a log that it trusted by this
/// very check. What is older can therefore not be forged without a key or a collision of hashes;
/// `failgate audit verify` checks every commit whatever its age. Any commit that cannot be read
/// makes it throw Error: nothing is trusted then.
[[nodiscard]] bool IsSignedHistory(const std::filesystem::path& repository,
                                   const std::optional<CommitId>& from,
                                   const CommitId& to,
                                   const AllowedSigners& allowed,
                                   std::size_t checked = kSignaturesChecked);

}  // namespace failgate
