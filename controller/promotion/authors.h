// Who wrote what is new in a release: the people who must not approve their own work.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "controller/base/ids.h"

namespace failgate {

/// Authors of every commit that is in `to` and not in `from` (empty: of all commits),
/// each person once, sorted by e-mail address. nullopt when it cannot be told: a commit is missing,
/// or there are more than 200,000. A release of one and the same revision has the revision's
/// author.
[[nodiscard]] std::optional<std::vector<Person>> AuthorsBetween(const std::filesystem::path& mirror,
                                                                const CommitId& from,
                                                                const CommitId& to);

/// As AuthorsBetween for one source.
using AuthorsOfSource = std::function<std::optional<std::vector<Person>>(
    const SourceName& source, const CommitId& from, const CommitId& to)>;

/// Authors of what is new in the sources of kind data that data version `to` names, compared with
/// those of `from`. nullopt when one of them cannot be told.
[[nodiscard]] std::optional<std::vector<Person>> DataAuthorsBetween(const std::string& from,
                                                                    const std::string& to,
                                                                    const AuthorsOfSource& between);

/// `people`, and those of `more` who are not among them.
[[nodiscard]] std::vector<Person> WithMore(std::vector<Person> people,
                                           const std::vector<Person>& more);

/// Answers of AuthorsBetween, kept: histories do not change. Not thread-safe.
class AuthorCache {
 public:
  [[nodiscard]] std::optional<std::vector<Person>> Between(const std::filesystem::path& mirror,
                                                           const CommitId& from,
                                                           const CommitId& to);

 private:
  using Key = std::tuple<std::string, CommitId, CommitId>;
  std::map<Key, std::vector<Person>> known_;
};

}  // namespace failgate
