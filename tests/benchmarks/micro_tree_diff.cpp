// What five changed files of ten thousand cost: our walk against libgit2's own diff.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <git2.h>

#include <vector>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/git/commit_writer.h"
#include "controller/git/tree_diff.h"

namespace failgate {
namespace {

constexpr int kFolders = 1000;
constexpr int kFilesInAFolder = 10;
constexpr std::size_t kLimit = 1000;

std::string PathOf(int folder, int file) {
  return fmt::format("group_{}/service_{}/file_{}.txt", folder / 32, folder, file);
}

/// 10,000 files, and a last commit that changes five of them.
struct TenThousandFiles {
  TenThousandFiles() : repository(Repository::InitBare(folder.path() / "files.git")) {
    // Enough commits to become one pack: ten thousand loose objects would each be synced.
    std::vector<CommitDraft> drafts(11);
    for (CommitDraft& draft : drafts) {
      draft.author = draft.committer = Person{"Alice Martin", "alice@example.com"};
      draft.message = "Files";
    }
    for (int i = 0; i < kFolders; ++i) {
      for (int j = 0; j < kFilesInAFolder; ++j) {
        drafts[static_cast<std::size_t>(j)].edits.push_back(
            {PathOf(i, j), fmt::format("file {} of folder {}\n", j, i)});
      }
    }
    for (int i = 0; i < kFolders; i += kFolders / 5) {
      drafts.back().edits.push_back({PathOf(i, 3), std::string("changed\n")});
    }
    const std::vector<CommitId> ids = WriteCommits(repository, std::nullopt, drafts, nullptr);
    from = ids.at(ids.size() - 2);
    to = ids.back();
  }
  TemporaryFolder folder;
  Repository repository;
  CommitId from;
  CommitId to;
};

const TenThousandFiles& Files() {
  static const TenThousandFiles files;
  return files;
}

void OurDiff(benchmark::State& state) {
  const TenThousandFiles& files = Files();
  for (auto _ : state) {
    const ChangedPathList changed = ChangedPaths(files.repository, files.from, files.to, kLimit);
    Check(changed.paths.size() == 5, "five paths differ");
  }
}
BENCHMARK(OurDiff)->Name("tree diff, 10,000 files/failgate");

git_tree* TreeOf(git_repository* repository, const CommitId& id) {
  git_oid oid;
  git_commit* commit = nullptr;
  git_tree* tree = nullptr;
  Check(git_oid_fromstr(&oid, id.text().c_str()) == 0, "an id");
  Check(git_commit_lookup(&commit, repository, &oid) == 0, "a commit");
  Check(git_commit_tree(&tree, commit) == 0, "a tree");
  git_commit_free(commit);
  return tree;
}

void LibgitDiff(benchmark::State& state) {
  const TenThousandFiles& files = Files();
  git_repository* repository = nullptr;
  Check(git_repository_open_bare(&repository, files.repository.path().c_str()) == 0, "opens");
  for (auto _ : state) {
    git_tree* from = TreeOf(repository, files.from);
    git_tree* to = TreeOf(repository, files.to);
    git_diff* diff = nullptr;
    Check(git_diff_tree_to_tree(&diff, repository, from, to, nullptr) == 0, "diffs");
    Check(git_diff_num_deltas(diff) == 5, "five paths differ");
    git_diff_free(diff);
    git_tree_free(from);
    git_tree_free(to);
  }
  git_repository_free(repository);
}
BENCHMARK(LibgitDiff)->Name("tree diff, 10,000 files/libgit2");

}  // namespace
}  // namespace failgate
