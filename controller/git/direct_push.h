// A push to a repository on this machine without the program in between: git-receive-pack is the
// child, and the pack is at hand.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/git/receive_pack.h"
#include "controller/git/source_url.h"
#include "controller/process/process.h"

namespace failgate {

/// Where the other side is a program that we would start ourselves: file:// URLs and plain paths.
/// Elsewhere `git push` does it.
[[nodiscard]] bool CanPushDirectly(const RemoteUrl& url);

/// git-receive-pack, the remote's hooks as always, and what it writes durable. Its standard input
/// is the caller's to give: ReceivePackRequest and a pack, or kNothingToPush. `expected_old`: of
/// the ref; `home`, `global_config`: as GitSpec takes them; the caller sets the deadline and the
/// bound of the output.
[[nodiscard]] ProcessSpec DirectPushSpec(const RemoteUrl& url,
                                         const std::optional<CommitId>& expected_old,
                                         const std::filesystem::path& home,
                                         const std::filesystem::path& global_config);

/// What git-receive-pack says beside its answer, without what our settings make it say.
[[nodiscard]] std::string WordsOfReceivePack(std::string_view standard_error);

}  // namespace failgate
