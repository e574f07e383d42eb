// Handing the log over to another signing key: the fact that says so, by the old key, or by a new
// one that an owner allowed when the old one is lost.
#pragma once

#include <optional>

#include "controller/deploylog/deploy_log.h"

namespace failgate {

/// `key-rotated`, to be signed by `old_key`. Not written when the log knows the new key already.
/// `main`: where main stands; what the old key signed there still counts.
[[nodiscard]] FactDraft RotationDraft(const SigningKey& old_key,
                                      const SigningKey& new_key,
                                      const std::optional<CommitId>& main,
                                      TimePoint at);

/// nullopt when `key` is the one in force after `head`, or the log is empty. Else the fact that
/// replaces the lost one, to be signed by `key` itself; throws Error(kNeedsChange) with what to do
/// unless allowed_signers at `main` allows it.
[[nodiscard]] std::optional<FactDraft> ReplacementDraft(const Repository& repository,
                                                        const std::optional<CommitId>& head,
                                                        const std::optional<CommitId>& main,
                                                        const SigningKey& key,
                                                        TimePoint at);

}  // namespace failgate
