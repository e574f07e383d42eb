#include "controller/git/added_lines.h"

#include <git2.h>

#include <optional>

#include "controller/git/git_handles.h"

namespace failgate {
namespace {

int CollectHunk(const git_diff_delta* /*delta*/, const git_diff_hunk* hunk, void* lines) {
  for (int line = 0; line < hunk->new_lines; ++line) {
    static_cast<std::set<long long>*>(lines)->insert(hunk->new_start + line);
  }
  return 0;
}

}  // namespace

std::set<long long> AddedLines(const Repository& repository,
                               const std::optional<CommitId>& from,
                               const CommitId& to,
                               const std::string& path,
                               std::size_t max_bytes) {
  const auto new_blob = repository.BlobId(to, path);
  const auto old_blob = from ? repository.BlobId(*from, path) : std::nullopt;
  if (!new_blob || new_blob == old_blob) {
    return {};
  }
  const std::string now = repository.ReadBlob(*new_blob, max_bytes);
  const std::string before = old_blob ? repository.ReadBlob(*old_blob, max_bytes) : std::string();
  git_diff_options options;
  CheckGit(git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION), "preparing to compare", path);
  options.context_lines = 0;
  options.interhunk_lines = 0;
  std::set<long long> lines;
  CheckGit(git_diff_buffers(before.data(),
                            before.size(),
                            path.c_str(),
                            now.data(),
                            now.size(),
                            path.c_str(),
                            &options,
                            nullptr,
                            nullptr,
                            CollectHunk,
                            nullptr,
                            &lines),
           "comparing",
           path);
  return lines;
}

}  // namespace failgate
