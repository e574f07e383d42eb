#include "controller/data/lfs_objects.h"

#include <fmt/format.h>

#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/git/commit_writer.h"
#include "controller/git/repository.h"
#include "controller/git/source_url.h"

namespace failgate {
namespace {

constexpr Milliseconds kDeadline = std::chrono::hours(1);
constexpr std::size_t kShard = 2;

std::filesystem::path ObjectBelow(const std::filesystem::path& folder, const std::string& sha256) {
  return folder / sha256.substr(0, kShard) / sha256.substr(kShard, kShard) / sha256;
}

/// Where a repository on this machine keeps its objects, as a bare one and as a work tree.
std::vector<std::filesystem::path> FoldersOf(const RemoteUrl& url) {
  const std::filesystem::path path = url.path;
  return {path / "lfs/objects", path / ".git/lfs/objects"};
}

/// A repository that holds nothing but the pointers: what git-lfs reads there is ours.
CommitId WritePointers(Repository& repository, const std::vector<LfsPointer>& pointers) {
  CommitDraft draft;
  for (const LfsPointer& pointer : pointers) {
    draft.edits.push_back(TreeEdit{pointer.sha256, FormatLfsPointer(pointer)});
  }
  draft.author = Person{"failgate", "failgate@localhost"};
  draft.committer = draft.author;
  draft.message = "Objects to fetch";
  return WriteCommit(repository, std::nullopt, draft, nullptr);
}

}  // namespace

LfsObjects::LfsObjects(DataStore& store,
                       ProcessRunner& processes,
                       std::function<RemoteConfig()> remote)
    : store_(store), processes_(processes), remote_(std::move(remote)) {}

std::optional<Refusal> LfsObjects::BringFrom(const std::vector<std::filesystem::path>& folders,
                                             const std::vector<LfsPointer>& missing) {
  for (const LfsPointer& pointer : missing) {
    std::optional<Refusal> why;
    for (const std::filesystem::path& folder : folders) {
      const DataName name{DataName::Kind::kSha256, pointer.sha256};
      const Result<std::string> brought =
          store_.Bring(name, pointer.size, ObjectBelow(folder, pointer.sha256));
      if (brought) {
        why.reset();
        break;
      }
      if (!why || brought.error().code != "data_absent") {
        why = brought.error();
      }
    }
    if (why) {
      return why;
    }
  }
  return std::nullopt;
}

std::optional<Refusal> LfsObjects::Bring(const std::vector<LfsPointer>& pointers,
                                         std::stop_token stop) {
  std::vector<LfsPointer> missing;
  for (const LfsPointer& pointer : pointers) {
    if (!store_.Find({DataName::Kind::kSha256, pointer.sha256})) {
      missing.push_back(pointer);
    }
  }
  if (missing.empty()) {
    return std::nullopt;
  }
  try {
    const RemoteConfig config = remote_();
    const Result<RemoteUrl> url = ParseRemoteUrl(config.url);
    if (!url) {
      return Refusal{"data_unreachable", url.error().text};
    }
    if (url->scheme == UrlScheme::kFile) {
      return BringFrom(FoldersOf(*url), missing);
    }
    const TemporaryFolder folder(store_.staging());
    Repository repository = Repository::InitBare(folder.path() / "pointers.git");
    const CommitId commit = WritePointers(repository, missing);
    Remote(processes_, config, std::move(stop)).FetchLfs(repository.path(), commit, kDeadline);
    return BringFrom({folder.path() / "pointers.git/lfs/objects"}, missing);
  } catch (const Error& error) {
    if (error.remedy() == Remedy::kRetry) {
      throw;
    }
    return Refusal{"data_unreachable", error.what()};
  }
}

}  // namespace failgate
