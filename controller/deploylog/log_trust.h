// Who wrote what is new on the branch, and who writes next.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "controller/deploylog/key_chain.h"
#include "controller/git/allowed_signers.h"
#include "controller/git/repository.h"

namespace failgate {

/// The key (wire form) that must sign what follows this commit: its own signer, or the key it hands
/// the log to. nullopt when it carries no good signature at all.
[[nodiscard]] std::optional<std::string> WriterAfter(const Repository& repository,
                                                     const CommitId& head);

/// So many of the newest commits are checked one by one.
inline constexpr std::size_t kSignaturesChecked = 10'000;

/// True when each commit that is in `to` and not in `from` (nullopt: each of the whole history) is
/// signed by the key in force there; see KeyChain. What comes up to `from` is taken as given.
/// Signatures are checked on all processors.
///
/// Of more than `checked` commits only the newest are looked at, the first of them by a key that
/// `controllers` allows: a signed commit names its parent by its hash and so everything before it,
/// and a controller signs only what follows a log that it trusted by this very check. What is older
/// can therefore not be forged without a key or a collision of hashes; `failgate audit verify`
/// checks every commit whatever its age. Throws Error when a commit cannot be read: nothing is
/// trusted then.
[[nodiscard]] bool IsTrustedWriting(const std::filesystem::path& repository,
                                    const std::optional<CommitId>& from,
                                    const CommitId& to,
                                    AllowedSigners controllers,
                                    std::size_t checked = kSignaturesChecked);

}  // namespace failgate
