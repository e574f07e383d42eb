// The push protocol of git (pack protocol v0), one ref: what goes to git-receive-pack, and what its
// answer says. Pure, for hostile answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/ids.h"
#include "controller/git/remote.h"

namespace failgate {

/// Compare and set of one ref.
struct RefPush {
  std::string ref;
  std::optional<CommitId> expected_old;  ///< nullopt = it must not exist yet
  CommitId commit;
};

/// The whole input of git-receive-pack but for the pack that follows it. Valid ids and ref.
[[nodiscard]] std::string ReceivePackRequest(const RefPush& update);

/// In its place: no ref is to be changed.
inline constexpr std::string_view kNothingToPush = "0000";

struct ReceivePackVerdict {
  /// nullopt: the remote did not judge, or its answer is none.
  std::optional<PushResult> result;
  /// The pack did not lead to the commit at the remote, though the ref is where we thought: what we
  /// sent may be to blame.
  bool pack_refused = false;
};

/// `answer`: all that git-receive-pack wrote. `complaint`: what it and its hooks said beside it,
/// already one redacted line.
[[nodiscard]] ReceivePackVerdict JudgeReceivePack(std::string_view answer,
                                                  const RefPush& update,
                                                  const std::string& complaint);

}  // namespace failgate
