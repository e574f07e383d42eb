#include "controller/promotion/wish.h"

#include <fmt/format.h>

#include "controller/base/text.h"
#include "controller/git/signing_key.h"
#include "controller/git/ssh_signature.h"

namespace failgate {
namespace {

constexpr const char* kRequest = "Request";
constexpr const char* kKind = "Request-Kind";
constexpr const char* kReason = "Reason";
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;
constexpr std::size_t kCommitsLookedAt = 256;

std::string TrailerOf(const std::string& message, const std::string& key) {
  for (const std::string& line : Split(message, '\n')) {
    if (line.compare(0, key.size() + 2, key + ": ") == 0) {
      return line.substr(key.size() + 2);
    }
  }
  return {};
}

/// The controller wrote the commit for somebody who spoke of holding, not of releases.
bool IsAboutHold(const Wish& wish) {
  return wish.by_api && (wish.kind == "hold" || wish.kind == "resume");
}

}  // namespace

AllowedSigners OnlyController(const std::string& public_line) {
  auto signers = AllowedSigners::Parse("controller " + public_line + "\n");
  Check(signers.has_value(), "our own public line is an allowed signer");
  return std::move(*signers);
}

std::string WishMessage(const std::string& subject,
                        const std::string& request,
                        const std::string& kind,
                        const std::string& reason) {
  std::string message =
      fmt::format("{}\n\n{}: {}\n{}: {}\n", OneLine(subject, 200), kRequest, request, kKind, kind);
  if (!reason.empty()) {
    message += fmt::format("{}: {}\n", kReason, OneLine(reason, 1000));
  }
  return message;
}

Wish ReadWish(const CommitInfo& commit, const AllowedSigners& controller) {
  Wish wish;
  wish.commit = commit.id;
  const SignatureCheck check = VerifySignature(
      commit.signature, commit.signed_payload, kGitNamespace, controller, commit.committer_time);
  wish.request = TrailerOf(commit.message, kRequest);
  if (!check.good() || wish.request.empty()) {
    wish.request.clear();
    return wish;
  }
  wish.by_api = true;
  wish.requester = commit.author;
  wish.kind = TrailerOf(commit.message, kKind);
  wish.rollback = wish.kind == "rollback";
  wish.reason = TrailerOf(commit.message, kReason);
  return wish;
}

std::optional<CommitId> FindRequest(const Repository& repository,
                                    const CommitId& main,
                                    const std::string& request,
                                    const AllowedSigners& controller) {
  for (const CommitId& id : repository.CommitsBetween(std::nullopt, main, kCommitsLookedAt)) {
    const CommitInfo commit = repository.ReadCommit(id);
    if (TrailerOf(commit.message, kRequest) == request && ReadWish(commit, controller).by_api) {
      return id;
    }
  }
  return std::nullopt;
}

void WishFinder::Know(AllowedSigners controller, std::vector<FormerController> former) {
  controller_ = std::move(controller);
  former_ = std::move(former);
  found_.clear();
  holds_.clear();
}

Wish WishFinder::Judge(const Repository& repository, const CommitInfo& commit) const {
  Wish wish = ReadWish(commit, controller_);
  for (auto former = former_.rbegin(); former != former_.rend() && !wish.by_api; ++former) {
    Wish earlier = ReadWish(commit, former->signers);
    // By ancestry, not by date: who stole an old key can write any date.
    if (earlier.by_api && repository.HasCommit(former->main) &&
        repository.IsAncestor(commit.id, former->main)) {
      wish = std::move(earlier);
    }
  }
  return wish;
}

std::optional<Wish> WishFinder::Find(const Repository& repository,
                                     const CommitId& main,
                                     const EnvironmentProject& pair) {
  const std::string path = DesiredPath(pair.first, pair.second);
  const auto blob = repository.BlobId(main, path);
  if (!blob) {
    found_.erase(path);
    return std::nullopt;
  }
  const auto known = found_.find(path);
  const auto value = [&](const ObjectId& id) {
    return ReadDesired(pair.first, pair.second, repository.ReadBlob(id, kMaxFileBytes));
  };
  CommitId at = main;
  ObjectId at_blob = *blob;
  Wish wish;
  while (true) {
    if (known != found_.end() && known->second.main == at && known->second.blob == at_blob) {
      wish = known->second.wish;
      break;
    }
    const CommitInfo commit = repository.ReadCommit(at);
    const auto parent =
        commit.parents.empty() ? std::nullopt : repository.BlobId(commit.parents.front(), path);
    if (parent == at_blob) {
      at = commit.parents.front();
      continue;
    }
    wish = Judge(repository, commit);
    const Desired now = value(at_blob);
    const Desired before = parent ? value(*parent) : Desired{};
    wish.changes_except = now.except != before.except;
    const bool same = parent && now.newest == before.newest && now.none == before.none &&
                      now.release == before.release && !wish.changes_except &&
                      now.problems.empty() && before.problems.empty();
    if (!same || (wish.by_api && !IsAboutHold(wish))) {
      break;
    }
    at = commit.parents.front();
    at_blob = *parent;
  }
  found_[path] = Found{main, *blob, wish};
  return wish;
}

std::optional<Wish> WishFinder::FindHold(const Repository& repository,
                                         const CommitId& main,
                                         const EnvironmentProject& pair) {
  const std::string path = DesiredPath(pair.first, pair.second);
  const auto known = holds_.find(path);
  const auto value = [&](const std::optional<ObjectId>& id) {
    return id ? ReadDesired(pair.first, pair.second, repository.ReadBlob(*id, kMaxFileBytes)).hold
              : std::nullopt;
  };
  std::optional<Wish> found;
  auto blob = repository.BlobId(main, path);
  for (CommitId at = main;;) {
    if (known != holds_.end() && known->second.main == at) {
      found = known->second.wish;
      break;
    }
    const CommitInfo commit = repository.ReadCommit(at);
    const auto parent =
        commit.parents.empty() ? std::nullopt : repository.BlobId(commit.parents.front(), path);
    if (parent != blob) {
      Wish wish = Judge(repository, commit);
      if (IsAboutHold(wish) || value(parent) != value(blob)) {
        found = std::move(wish);
        break;
      }
    }
    if (commit.parents.empty()) {
      break;
    }
    at = commit.parents.front();
    blob = parent;
  }
  holds_[path] = FoundHold{main, found};
  return found;
}

}  // namespace failgate
