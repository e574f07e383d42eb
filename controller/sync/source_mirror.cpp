#include "controller/sync/source_mirror.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/git/integrity.h"
#include "controller/git/leftovers.h"

namespace failgate {
namespace {

constexpr const char* kBranches = "refs/heads/";
constexpr std::size_t kMaxFilesLookedAt = 1'000'000;

}  // namespace

SourceMirror::SourceMirror(const std::filesystem::path& mirrors,
                           const SourceName& source,
                           const Clock& clock)
    : path_(mirrors / (source.text() + ".git")), clock_(clock) {}

void SourceMirror::Prepare() {
  if (std::filesystem::exists(path_)) {
    try {
      (void)Repository::Open(path_);
      return;
    } catch (const Error& error) {
      log::Error("a mirror cannot be opened and is fetched anew", {{"error", error.what()}});
    }
    SetAside();
  }
  CreateFolders(path_.parent_path(), 0700);
  (void)Repository::InitBare(path_);
}

void SourceMirror::RemoveLeftovers() {
  RemoveGitLeftovers(path_);
  RemoveTornRefs(path_);
}

void SourceMirror::Fetch(const Remote& remote, Milliseconds deadline) {
  try {
    remote.Fetch(path_, {"+refs/heads/*:refs/heads/*"}, deadline);
  } catch (const Error&) {
    RemoveLeftovers();  // a fetch that was cut off must not lock out the next one
    throw;
  }
}

std::vector<RefEntry> SourceMirror::Heads() const {
  std::vector<RefEntry> heads = Open().Refs(kBranches);
  heads.erase(std::remove_if(heads.begin(),
                             heads.end(),
                             [](const RefEntry& head) { return !IsValidRefName(head.name); }),
              heads.end());
  return heads;
}

bool SourceMirror::HeadsAreReadable() const {
  try {
    const Repository repository = Open();
    for (const RefEntry& head : repository.Refs(kBranches)) {
      (void)repository.ReadCommit(head.commit);
      (void)repository.FindFiles(head.commit, "", kMaxFilesLookedAt);
    }
    return true;
  } catch (const Error& error) {
    log::Warning("a mirror cannot be read", {{"error", error.what()}});
    return false;
  }
}

bool SourceMirror::IsIntact(ProcessRunner& processes, Milliseconds deadline) const {
  return RepositoryIsIntact(processes, path_, deadline);
}

void SourceMirror::SetAside() {
  const std::string prefix = path_.filename().string() + ".broken-";
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(path_.parent_path(), absent)) {
    if (entry.path().filename().string().rfind(prefix, 0) == 0) {
      RemoveTree(entry.path());
    }
  }
  const std::filesystem::path aside =
      path_.parent_path() / (prefix + std::to_string(clock_.Now().time_since_epoch().count()));
  std::error_code failed;
  std::filesystem::rename(path_, aside, failed);
  if (failed) {
    throw ErrnoError("setting aside", path_.string(), failed.value());
  }
}

}  // namespace failgate
