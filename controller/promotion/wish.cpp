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

std::string TrailerOf(const std::string& message, const std::string& key) {
  for (const std::string& line : Split(message, '\n')) {
    if (line.compare(0, key.size() + 2, key + ": ") == 0) {
      return line.substr(key.size() + 2);
    }
  }
  return {};
}

}  // namespace

std::string WishMessage(const std::string& subject,
                        const std::string& request,
                        bool rollback,
                        const std::string& reason) {
  std::string message = fmt::format("{}\n\n{}: {}\n{}: {}\n",
                                    OneLine(subject, 200),
                                    kRequest,
                                    request,
                                    kKind,
                                    rollback ? "rollback" : "promote");
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
  wish.rollback = TrailerOf(commit.message, kKind) == "rollback";
  wish.reason = TrailerOf(commit.message, kReason);
  return wish;
}

std::optional<Wish> WishFinder::Find(const Repository& repository,
                                     const CommitId& main,
                                     const std::string& path) {
  const auto blob = repository.BlobId(main, path);
  if (!blob) {
    found_.erase(path);
    return std::nullopt;
  }
  const auto known = found_.find(path);
  CommitId at = main;
  for (bool further = true; further;) {
    further = false;
    if (known != found_.end() && known->second.main == at && known->second.blob == *blob) {
      at = known->second.commit;
      break;
    }
    for (const CommitId& parent : repository.ReadCommit(at).parents) {
      if (repository.BlobId(parent, path) == blob) {
        at = parent;
        further = true;
        break;
      }
    }
  }
  found_[path] = Found{main, *blob, at};
  return ReadWish(repository.ReadCommit(at), controller_);
}

}  // namespace failgate
