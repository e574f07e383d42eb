// Git's name of a file's content, computed without a repository.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/ids.h"

namespace failgate {

enum class GitHash { kSha1, kSha256 };

/// What `git hash-object` prints: the hash of "blob LENGTH\0" and the bytes.
[[nodiscard]] ObjectId GitBlobId(std::string_view bytes, GitHash hash = GitHash::kSha1);
/// `id` names `bytes` under the hash its length tells.
[[nodiscard]] bool IsBlobIdOf(const ObjectId& id, std::string_view bytes);

}  // namespace failgate
