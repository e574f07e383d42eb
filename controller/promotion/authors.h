// Who wrote what is new in a release: the people who must not approve their own work.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "controller/base/ids.h"

namespace failgate {

/// Authors of every commit that is in `to` and not in `from` (empty: of all commits),
/// each person once, sorted by e-mail address. nullopt when it cannot be told: a commit is missing,
/// or there are more than 10,000. A release of one and the same revision has the revision's author.
[[nodiscard]] std::optional<std::vector<Person>> AuthorsBetween(const std::filesystem::path& mirror,
                                                                const CommitId& from,
                                                                const CommitId& to);

}  // namespace failgate
