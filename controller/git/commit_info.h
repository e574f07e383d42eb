// One commit, read; and the reader of its raw bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"

namespace failgate {

struct CommitInfo {
  CommitId id;
  ObjectId tree;
  std::vector<CommitId> parents;
  Person author;
  TimePoint author_time{};
  Person committer;
  TimePoint committer_time{};
  std::string subject;                   ///< first line of the message
  std::string message;                   ///< whole, as stored
  std::optional<std::string> signature;  ///< armored (header gpgsig), SSH or PGP
  std::string signed_payload;            ///< the exact bytes a signature of this commit covers
};

/// Pure, for hostile input. Persons are taken as they stand (no validation: old histories hold odd
/// ones), tree and parents must be object ids. As git, several gpgsig headers are read as one text,
/// which then verifies as no good signature.
[[nodiscard]] Result<CommitInfo> ParseCommit(const CommitId& id, std::string_view bytes);

}  // namespace failgate
