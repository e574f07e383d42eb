#include "controller/promotion/authors.h"

#include <map>

#include "controller/base/text.h"
#include "controller/git/repository.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxCommits = 10000;

void Collect(const CommitInfo& commit, std::map<std::string, Person>& people) {
  people.emplace(ToLower(commit.author.email), commit.author);
}

}  // namespace

std::optional<std::vector<Person>> AuthorsBetween(const std::filesystem::path& mirror,
                                                  const CommitId& from,
                                                  const CommitId& to) {
  if (!std::filesystem::exists(mirror / "HEAD")) {
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

}  // namespace failgate
