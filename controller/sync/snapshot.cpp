#include "controller/sync/snapshot.h"

#include <fmt/format.h>

#include <utility>

#include "controller/git/tree_diff.h"
#include "controller/pipeline/pipeline_file.h"

namespace failgate {
namespace {

// The YAML reader refuses more than 1 MiB with a place; this only keeps memory bounded.
constexpr std::size_t kMaxPipelineBytes = std::size_t{8} << 20U;

std::optional<std::vector<std::string>> ChangedSince(const Repository& repository,
                                                     const CommitId& base,
                                                     const CommitId& revision) {
  if (!repository.HasCommit(base) || !repository.IsAncestor(base, revision)) {
    return std::nullopt;
  }
  const ChangedPathList changed = ChangedPaths(repository, base, revision, kMaxChangedPaths);
  if (changed.truncated) {
    return std::nullopt;
  }
  std::vector<std::string> paths;
  paths.reserve(changed.paths.size());
  for (const ChangedPath& path : changed.paths) {
    paths.push_back(path.path);
  }
  return paths;
}

std::optional<Result<std::string>> PipelineText(const Repository& repository,
                                                const CommitId& revision) {
  const std::string name(kPipelineFileName);
  if (!repository.BlobId(revision, name)) {
    return std::nullopt;
  }
  try {
    std::optional<std::string> text = repository.ReadFile(revision, name, kMaxPipelineBytes);
    return Result<std::string>(std::move(text).value_or(""));
  } catch (const Error& error) {
    const std::string why = error.what();
    // Too large is the file's fault; anything else is the mirror's.
    if (why.find("are allowed") == std::string::npos) {
      throw;
    }
    return Result<std::string>(Refusal{"pipeline_too_large", why});
  }
}

}  // namespace

Snapshot ReadSnapshot(const Repository& repository,
                      const SourceName& source,
                      const RefEntry& head,
                      const std::optional<CommitId>& base) {
  Snapshot snapshot;
  snapshot.source = source;
  snapshot.ref = head.name;
  snapshot.revision = head.commit;
  snapshot.is_first_head = !base.has_value();
  if (base) {
    snapshot.base = *base;
    snapshot.changed_paths = ChangedSince(repository, *base, head.commit);
  }
  snapshot.pipeline_text = PipelineText(repository, head.commit);
  return snapshot;
}

}  // namespace failgate
