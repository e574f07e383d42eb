#include "controller/promotion/authors.h"

#include <algorithm>
#include <map>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/data/data_parts.h"
#include "controller/git/repository.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxCommits = 200000;
constexpr std::size_t kMaxRemembered = 1000;

void Collect(const CommitInfo& commit, std::map<std::string, Person>& people) {
  people.emplace(ToLower(commit.author.email), commit.author);
}

std::optional<std::vector<Person>> Walk(const std::filesystem::path& mirror,
                                        const CommitId& from,
                                        const CommitId& to) {
  if (mirror.empty() || !std::filesystem::exists(mirror / "HEAD")) {
    return std::nullopt;
  }
  const Repository repository = Repository::Open(mirror);
  if (!repository.HasCommit(to) || (!from.empty() && !repository.HasCommit(from))) {
    return std::nullopt;
  }
  const auto commits = repository.CommitsBetween(
      from.empty() ? std::nullopt : std::optional<CommitId>(from), to, kMaxCommits + 1);
  if (commits.size() > kMaxCommits) {
    return std::nullopt;
  }
  std::map<std::string, Person> people;
  Collect(repository.ReadCommit(to), people);
  for (const CommitId& id : commits) {
    Collect(repository.ReadCommit(id), people);
  }
  std::vector<Person> sorted;
  sorted.reserve(people.size());
  for (const auto& person : people) {
    sorted.push_back(person.second);
  }
  return sorted;
}

}  // namespace

std::optional<std::vector<Person>> AuthorsBetween(const std::filesystem::path& mirror,
                                                  const CommitId& from,
                                                  const CommitId& to) {
  try {
    return Walk(mirror, from, to);
  } catch (const Error& error) {
    // A broken mirror is its source's trouble and is fetched anew; here it means "not known".
    log::Warning("the authors of a revision cannot be told", {{"error", error.what()}});
    return std::nullopt;
  }
}

std::optional<std::vector<Person>> DataAuthorsBetween(const std::string& from,
                                                      const std::string& to,
                                                      const AuthorsOfSource& between) {
  const auto before = DataSourcesOf(from);
  std::vector<Person> all;
  for (const auto& [source, revision] : DataSourcesOf(to)) {
    const auto known = before.find(source);
    const CommitId since = known == before.end() ? CommitId() : known->second;
    if (since == revision) {
      continue;
    }
    const auto authors = between(source, since, revision);
    if (!authors) {
      return std::nullopt;
    }
    all = WithMore(std::move(all), *authors);
  }
  return all;
}

std::vector<Person> WithMore(std::vector<Person> people, const std::vector<Person>& more) {
  for (const Person& person : more) {
    const std::string email = ToLower(person.email);
    const bool known = std::any_of(people.begin(), people.end(), [&](const Person& one) {
      return ToLower(one.email) == email;
    });
    if (!known) {
      people.push_back(person);
    }
  }
  return people;
}

std::optional<std::vector<Person>> AuthorCache::Between(const std::filesystem::path& mirror,
                                                        const CommitId& from,
                                                        const CommitId& to) {
  const Key key{mirror.string(), from, to};
  const auto known = known_.find(key);
  if (known != known_.end()) {
    return known->second;
  }
  auto authors = AuthorsBetween(mirror, from, to);
  if (authors) {
    if (known_.size() >= kMaxRemembered) {
      known_.clear();
    }
    known_[key] = *authors;
  }
  return authors;
}

}  // namespace failgate
