#include "controller/deploylog/log_signatures.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "controller/base/guarded.h"
#include "controller/git/repository.h"
#include "controller/git/signing_key.h"
#include "controller/git/ssh_signature.h"

namespace failgate {
namespace {

/// Fewer are checked sooner than threads are started.
constexpr std::size_t kCommitsForThreads = 64;
constexpr unsigned kMaxThreads = 8;

bool IsSigned(const CommitInfo& commit, const AllowedSigners& allowed) {
  return VerifySignature(
             commit.signature, commit.signed_payload, kGitNamespace, allowed, commit.committer_time)
      .good();
}

/// What the threads share: the next commit to check, and what came out.
struct Work {
  Work(const std::vector<CommitId>& all, const AllowedSigners& signers)
      : commits(all), allowed(signers) {}
  const std::vector<CommitId>& commits;
  const AllowedSigners& allowed;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> good{true};
  Guarded<std::exception_ptr> failure;
};

void TakePart(const Repository& repository, Work& work) {
  for (std::size_t i = work.next++; i < work.commits.size() && work.good; i = work.next++) {
    if (!IsSigned(repository.ReadCommit(work.commits[i]), work.allowed)) {
      work.good = false;
    }
  }
}

void TakePartBeside(const std::filesystem::path& path, Work& work) {
  try {
    TakePart(Repository::Open(path), work);
  } catch (...) {
    // Told by the thread that waits for all.
    *work.failure.Lock() = std::current_exception();
    work.good = false;
  }
}

}  // namespace

bool IsSignedHistory(const std::filesystem::path& path,
                     const std::optional<CommitId>& from,
                     const CommitId& to,
                     const AllowedSigners& allowed,
                     std::size_t checked) {
  const Repository repository = Repository::Open(path);
  const std::vector<CommitId> commits = repository.CommitsBetween(from, to, checked);
  Work work(commits, allowed);
  {
    const unsigned processors = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < processors && commits.size() >= kCommitsForThreads; ++i) {
      others.emplace_back([&path, &work] { TakePartBeside(path, work); });
    }
    TakePart(repository, work);
  }
  if (const std::exception_ptr failure = *work.failure.Lock()) {
    std::rethrow_exception(failure);
  }
  return work.good;
}

}  // namespace failgate
