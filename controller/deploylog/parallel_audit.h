// Many threads examine, one listens, in order.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "controller/deploylog/commit_audit.h"
#include "controller/git/allowed_signers.h"
#include "controller/git/repository.h"

namespace failgate {

/// Examines `commits` (each the parent of the next; `before` is the parent of the first) on
/// `threads` threads with repositories of their own, and calls `take` in the caller's thread for
/// each, in order. Only a bounded part is held in memory. What a thread throws is thrown here.
void ExamineInOrder(const Repository& repository,
                    const std::optional<CommitId>& before,
                    const std::vector<CommitId>& commits,
                    const AllowedSigners& controllers,
                    std::size_t threads,
                    const std::function<void(const ExaminedCommit&)>& take);

}  // namespace failgate
