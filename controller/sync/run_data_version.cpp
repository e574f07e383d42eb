#include "controller/sync/run_data_version.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

/// Whether the tree has something at the path, or a file where one of its folders would be.
bool GitHas(const Repository& repository, const CommitId& revision, const std::string& path) {
  std::string folder;
  for (const std::string& part : Split(path, '/')) {
    const std::vector<TreeEntry> entries = repository.ListFolder(revision, folder);
    const auto entry = std::find_if(
        entries.begin(), entries.end(), [&](const TreeEntry& one) { return one.name == part; });
    if (entry == entries.end()) {
      return false;
    }
    if (entry->kind != TreeEntryKind::kFolder) {
      return true;
    }
    folder += folder.empty() ? part : "/" + part;
  }
  return true;
}

}  // namespace

std::optional<std::string> FaultOfWatchPlaces(const Repository& repository,
                                              const CommitId& revision,
                                              const Pipeline& pipeline) {
  if (!pipeline.triggers.data) {
    return std::nullopt;
  }
  for (const WatchUse& use : pipeline.triggers.data->watch) {
    if (GitHas(repository, revision, use.at)) {
      return fmt::format(
          "{}: triggers.data.watch: git has something at {} already, where the data of the watch "
          "{} "
          "would lie: name a place of its own",
          kPipelineFileName,
          OneLine(use.at, 200),
          use.name);
    }
  }
  return std::nullopt;
}

Result<std::vector<WatchedPart>> RunDataVersion::Watched(const Pipeline& pipeline) const {
  if (watched_ != nullptr) {
    return watched_->Newest(pipeline);
  }
  if (pipeline.triggers.data && !pipeline.triggers.data->watch.empty()) {
    return Refusal{"unknown_watch",
                   fmt::format("{}: the server file has no watch {}: add it under `watch`, or take "
                               "it out of triggers.data",
                               kPipelineFileName,
                               pipeline.triggers.data->watch.front().name)};
  }
  return std::vector<WatchedPart>();
}

Result<std::string> RunDataVersion::Of(const Repository& repository,
                                       const CommitId& revision,
                                       const Pipeline& pipeline) const {
  const auto parts = Watched(pipeline);
  if (!parts) {
    return parts.error();
  }
  if (const auto fault = FaultOfWatchPlaces(repository, revision, pipeline)) {
    return Refusal{"watch_in_git", *fault};
  }
  const Result<std::string> git = git_.Of(repository, revision, pipeline);
  if (!git) {
    return git.error();
  }
  return JoinDataVersion(*git, *parts);
}

}  // namespace failgate
