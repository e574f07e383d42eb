#include "controller/git/added_lines.h"

#include <git2.h>

#include <optional>

#include "controller/git/git_handles.h"

namespace failgate {
namespace {

int CollectHunk(const git_diff_delta* /*delta*/, const git_diff_hunk* hunk, void* lines) {
  if (hunk->new_lines > 0) {
    static_cast<std::vector<LineRange>*>(lines)->push_back({hunk->new_start, hunk->new_lines});
  }
  return 0;
}

std::string Read(const Repository& repository, const ObjectId& blob, std::size_t& bytes_left) {
  std::string bytes = repository.ReadBlob(blob, bytes_left);
  bytes_left -= bytes.size();
  return bytes;
}

}  // namespace

std::vector<LineRange> AddedLines(const Repository& repository,
                                  const std::optional<CommitId>& from,
                                  const CommitId& to,
                                  const std::string& path,
                                  std::size_t& bytes_left) {
  const auto new_blob = repository.BlobId(to, path);
  const auto old_blob = from ? repository.BlobId(*from, path) : std::nullopt;
  if (!new_blob || new_blob == old_blob) {
    return {};
  }
  const std::string now = Read(repository, *new_blob, bytes_left);
  const std::string before = old_blob ? Read(repository, *old_blob, bytes_left) : std::string();
  git_diff_options options;
  CheckGit(git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION), "preparing to compare", path);
  options.context_lines = 0;
  options.interhunk_lines = 0;
  // Code in UTF-16 holds zero bytes, and a report may measure it all the same.
  options.flags |= GIT_DIFF_FORCE_TEXT;
  std::vector<LineRange> lines;
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
