#include "controller/deploylog/log_trust.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "controller/base/guarded.h"
#include "controller/git/signing_key.h"

namespace failgate {
namespace {

/// Fewer are checked sooner than threads are started.
constexpr std::size_t kCommitsForThreads = 64;
constexpr unsigned kMaxThreads = 8;

/// What the chain of keys asks of one commit.
struct Signed {
  SignatureCheck check;
  std::optional<WrittenFact> written;  ///< only of a rotation: of others the chain asks nothing
};

SignatureCheck CheckOf(const CommitInfo& commit, const AllowedSigners& controllers) {
  return VerifySignature(
      commit.signature, commit.signed_payload, kGitNamespace, controllers, commit.committer_time);
}

std::optional<WrittenFact> RotationIn(const CommitInfo& commit) {
  auto written = ParseFactMessage(commit.message);
  const bool rotates = written && written->fact.kind == FactKind::kKeyRotated;
  return rotates ? std::optional<WrittenFact>(std::move(*written)) : std::nullopt;
}

/// What the threads share: the next commit to check, and what came out of each.
struct Work {
  Work(const std::vector<CommitId>& all, const AllowedSigners& allowed)
      : commits(all), controllers(allowed), checked(all.size()) {}
  const std::vector<CommitId>& commits;
  const AllowedSigners& controllers;
  std::vector<Signed> checked;  ///< each element is written by the thread that took it
  std::atomic<std::size_t> next{0};
  Guarded<std::exception_ptr> failure;
};

void TakePart(const Repository& repository, Work& work) {
  for (std::size_t i = work.next++; i < work.commits.size(); i = work.next++) {
    const CommitInfo commit = repository.ReadCommit(work.commits[i]);
    work.checked[i] = Signed{CheckOf(commit, work.controllers), RotationIn(commit)};
  }
}

void TakePartBeside(const std::filesystem::path& path, Work& work) {
  try {
    TakePart(Repository::Open(path), work);
  } catch (...) {
    // Told by the thread that waits for all.
    *work.failure.Lock() = std::current_exception();
    work.next = work.commits.size();
  }
}

void CheckAll(const Repository& repository, const std::filesystem::path& path, Work& work) {
  const unsigned processors = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < processors && work.commits.size() >= kCommitsForThreads; ++i) {
      others.emplace_back([&path, &work] { TakePartBeside(path, work); });
    }
    TakePart(repository, work);
  }
  if (const std::exception_ptr failure = *work.failure.Lock()) {
    std::rethrow_exception(failure);
  }
}

}  // namespace

std::optional<std::string> WriterAfter(const Repository& repository, const CommitId& head) {
  const CommitInfo commit = repository.ReadCommit(head);
  const SignatureCheck check = CheckOf(commit, AllowedSigners());
  if (check.signer.empty()) {
    return std::nullopt;
  }
  if (const auto written = RotationIn(commit)) {
    const auto rotation = ReadKeyRotation(*written);
    return rotation ? std::optional<std::string>(rotation->new_signer) : std::nullopt;
  }
  return check.signer;
}

bool IsTrustedWriting(const std::filesystem::path& path,
                      const std::optional<CommitId>& from,
                      const CommitId& to,
                      AllowedSigners controllers,
                      std::size_t checked) {
  const Repository repository = Repository::Open(path);
  KeyChain chain(std::move(controllers));
  const std::vector<CommitId> commits = repository.CommitsBetween(from, to, checked);
  if (from && commits.size() < checked) {
    if (const auto writer = WriterAfter(repository, *from)) {
      chain.Trust(*writer);
    }
  }
  Work work(commits, chain.controllers());
  CheckAll(repository, path, work);
  // Newest first; the chain is followed from the oldest on.
  return std::all_of(work.checked.rbegin(), work.checked.rend(), [&chain](const Signed& commit) {
    return !chain.Follow(commit.check, commit.written ? &*commit.written : nullptr);
  });
}

}  // namespace failgate
