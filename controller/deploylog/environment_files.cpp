#include "controller/deploylog/environment_files.h"

#include <fmt/format.h>

#include <iterator>

#include "controller/base/error.h"
#include "controller/deploylog/deployment_ends.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxStateBytes = std::size_t{4} << 20U;

[[noreturn]] void RefuseFile(const std::string& path, const std::string& why) {
  throw Error(Remedy::kNeedsChange, fmt::format("reading {}: {}", path, why));
}

}  // namespace

std::vector<HistoryEntry> ReadEndsBeside(const Repository& repository,
                                         const CommitId& commit,
                                         const EnvironmentName& environment,
                                         const ProjectName& project) {
  std::vector<HistoryEntry> history;
  const std::string folder = EndsFolder(environment, project);
  for (const TreeEntry& entry : repository.ListFolder(commit, folder)) {
    const std::string path = folder + "/" + entry.name;
    const auto release = ReleaseOfEndsFile(entry.name);
    if (!release || entry.kind != TreeEntryKind::kFile) {
      RefuseFile(path, "no file of ends is called so");
    }
    auto ends = ReadEnds(*release, repository.ReadBlob(entry.id, kMaxStateBytes));
    if (!ends) {
      RefuseFile(path, ends.error().text);
    }
    history.insert(history.end(),
                   std::make_move_iterator(ends->begin()),
                   std::make_move_iterator(ends->end()));
  }
  SortEnds(history);
  return history;
}

std::optional<EnvironmentState> ReadEnvironment(const Repository& repository,
                                                const CommitId& commit,
                                                const EnvironmentName& environment,
                                                const ProjectName& project) {
  const std::string path = EnvironmentPath(environment, project);
  const auto text = repository.ReadFile(commit, path, kMaxStateBytes);
  if (!text) {
    return std::nullopt;
  }
  auto state = ReadEnvironmentState(*text);
  if (!state) {
    RefuseFile(path, state.error().text);
  }
  if (!state->ends_inside) {
    state->history = ReadEndsBeside(repository, commit, environment, project);
  }
  return std::move(*state);
}

}  // namespace failgate
