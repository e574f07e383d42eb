#include "controller/promotion/wish.h"

#include <fmt/format.h>

#include <algorithm>

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
constexpr std::size_t kMaxReason = 1000;
constexpr std::size_t kHeadsRemembered = 64;

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

bool IsTrailer(std::string_view line) {
  const std::size_t colon = line.find(": ");
  return colon != std::string_view::npos && colon > 0 &&
         line.substr(0, colon).find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
             std::string_view::npos;
}

}  // namespace

AllowedSigners OnlyController(const std::string& public_line) {
  auto signers = AllowedSigners::Parse("controller " + public_line + "\n");
  Check(signers.has_value(), "our own public line is an allowed signer");
  return std::move(*signers);
}

std::string Wish::Nobody() const {
  return unknown.empty() ? std::string("a commit without a known signature")
                         : fmt::format("a commit without a known signature ({})", unknown);
}

std::string BodyOf(const std::string& message) {
  std::vector<std::string> paragraphs(1);
  bool trailers = false;  // are all lines of the last paragraph
  bool subject = true;
  for (const std::string& raw : Split(message, '\n')) {
    const std::string_view line = Trim(raw);
    if (subject) {
      subject = false;
    } else if (line.empty()) {
      if (!paragraphs.back().empty()) {
        paragraphs.emplace_back();
      }
    } else {
      std::string& last = paragraphs.back();
      trailers = (last.empty() || trailers) && IsTrailer(line);
      last += (last.empty() ? "" : " ") + std::string(line);
    }
  }
  if (paragraphs.back().empty()) {
    paragraphs.pop_back();
  }
  if (trailers && !paragraphs.empty()) {
    paragraphs.pop_back();
  }
  std::string body;
  for (const std::string& paragraph : paragraphs) {
    body += (body.empty() ? "" : " ") + paragraph;
  }
  return OneLine(body, kMaxReason);
}

std::string WishMessage(const std::string& subject,
                        const std::string& request,
                        const std::string& kind,
                        const std::string& reason) {
  std::string message =
      fmt::format("{}\n\n{}: {}\n{}: {}\n", OneLine(subject, 200), kRequest, request, kKind, kind);
  if (!reason.empty()) {
    message += fmt::format("{}: {}\n", kReason, OneLine(reason, kMaxReason));
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

void WishFinder::Saw(const std::optional<CommitId>& main) {
  if (!main || (!seen_.empty() && seen_.back() == *main)) {
    return;
  }
  if (seen_.size() >= kHeadsRemembered) {
    seen_.erase(seen_.begin());
  }
  seen_.push_back(*main);
}

/// The newest head without the commit: where main stood before the push that brought it.
std::optional<CommitId> WishFinder::SeenBefore(const Repository& repository,
                                               const CommitId& commit) const {
  for (auto head = seen_.rbegin(); head != seen_.rend(); ++head) {
    if (!repository.IsAncestor(commit, *head)) {
      return *head;
    }
  }
  return std::nullopt;
}

/// A controller's key is no person's, whatever people_signers says.
bool WishFinder::IsByAController(const CommitInfo& commit) const {
  const auto by = [&commit](const AllowedSigners& signers) {
    return VerifySignature(commit.signature,
                           commit.signed_payload,
                           kGitNamespace,
                           signers,
                           commit.committer_time)
        .good();
  };
  return by(controller_) ||
         std::any_of(former_.begin(), former_.end(), [&](const FormerController& former) {
           return by(former.signers);
         });
}

void WishFinder::BoundBy(const CommitId& policy) {
  if (policy != policy_) {
    policy_ = policy;
    people_.BoundBy(policy);
    found_.clear();
    holds_.clear();
  }
}

/// Whose a commit is depends on the people that main lists now.
void WishFinder::ForgetWithOtherPeople(const Repository& repository, const CommitId& main) {
  const ObjectId people = repository.BlobId(main, kPeopleFile).value_or(ObjectId());
  if (known_people_ != people) {
    found_.clear();
    holds_.clear();
    known_people_ = people;
  }
}

Wish WishFinder::Judge(const Repository& repository,
                       const CommitInfo& commit,
                       const CommitId& main) {
  Wish wish = ReadWish(commit, controller_);
  for (auto former = former_.rbegin(); former != former_.rend() && !wish.by_api; ++former) {
    Wish earlier = ReadWish(commit, former->signers);
    // By ancestry, not by date: who stole an old key can write any date.
    if (earlier.by_api && repository.HasCommit(former->main) &&
        repository.IsAncestor(commit.id, former->main)) {
      wish = std::move(earlier);
    }
  }
  if (wish.by_api || !commit.signature || IsByAController(commit)) {
    return wish;
  }
  CommitSigner signer =
      people_.SignerOf(repository, commit, main, SeenBefore(repository, commit.id));
  wish.unknown = std::move(signer.why_not);
  if (!signer.person.empty()) {
    wish.by_signature = true;
    wish.requester = std::move(signer.person);
    wish.signed_with = std::move(signer.signed_with);
    wish.reason = BodyOf(commit.message);
  }
  return wish;
}

std::optional<Wish> WishFinder::Find(const Repository& repository,
                                     const CommitId& main,
                                     const EnvironmentProject& pair) {
  ForgetWithOtherPeople(repository, main);
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
    wish = Judge(repository, commit, main);
    const Desired now = value(at_blob);
    const Desired before = parent ? value(*parent) : Desired{};
    wish.changes_except = now.except != before.except;
    const bool same = parent && now.newest == before.newest && now.none == before.none &&
                      now.release == before.release && !wish.changes_except &&
                      now.problems.empty() && before.problems.empty();
    const bool restates =
        (wish.by_api && !IsAboutHold(wish)) || (wish.by_signature && now.hold == before.hold);
    if (!same || restates) {
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
  ForgetWithOtherPeople(repository, main);
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
      Wish wish = Judge(repository, commit, main);
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

WishFinder::FileSigner WishFinder::FindSigner(const Repository& repository,
                                              const CommitId& main,
                                              const ApprovalFile& file,
                                              TimePoint at) {
  const std::string signature = file.path + std::string(kSignatureEnding);
  CommitInfo commit = repository.ReadCommit(main);
  while (!commit.parents.empty() &&
         repository.BlobId(commit.parents.front(), file.path) == file.blob &&
         repository.BlobId(commit.parents.front(), signature) == file.signature) {
    commit = repository.ReadCommit(commit.parents.front());
  }
  return {people_.SignerOfFile(repository,
                               repository.ReadBlob(file.signature, kMaxFileBytes),
                               repository.ReadBlob(file.blob, kMaxFileBytes),
                               at,
                               commit,
                               main,
                               SeenBefore(repository, commit.id)),
          commit.id};
}

bool WishFinder::StillSigns(const Repository& repository,
                            const CommitId& main,
                            const ApprovalFile& file,
                            TimePoint at) {
  return people_.StillSigns(repository,
                            repository.ReadBlob(file.signature, kMaxFileBytes),
                            repository.ReadBlob(file.blob, kMaxFileBytes),
                            at,
                            file.email,
                            main);
}

}  // namespace failgate
