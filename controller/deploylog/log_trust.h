// Who wrote what is new on the branch, and who writes next.
#pragma once

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

/// Every commit after `from` (nullopt = from the first) up to `to` is signed by the key in force
/// there; see KeyChain. What comes up to `from` is taken as given.
[[nodiscard]] bool IsTrustedWriting(const Repository& repository,
                                    const std::optional<CommitId>& from,
                                    const CommitId& to,
                                    AllowedSigners controllers);

}  // namespace failgate
