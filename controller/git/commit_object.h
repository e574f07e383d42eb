// The bytes of a commit object as git defines them; signed when a key is given. Pure.
#pragma once

#include <optional>
#include <string>

#include "controller/base/ids.h"
#include "controller/git/commit_writer.h"

namespace failgate {

/// Throws Error(kNeedsChange) for a message with NUL and a person without name and e-mail.
[[nodiscard]] std::string FormatCommit(const CommitDraft& draft,
                                       const ObjectId& tree,
                                       const std::optional<CommitId>& parent,
                                       const SigningKey* key);

}  // namespace failgate
