// Who asks, when a file on main asks: the commit that wrote the desired release, and what it is
// worth.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "controller/git/allowed_signers.h"
#include "controller/git/commit_info.h"
#include "controller/git/repository.h"
#include "controller/promotion/operations_files.h"
#include "controller/promotion/person_signatures.h"

namespace failgate {

/// What one commit on main asks for (product.md §4, "Who asks, when a commit asks").
struct Wish {
  CommitId commit;
  Person requester;     ///< empty: an unsigned commit is nobody's
  bool by_api = false;  ///< the controller wrote it on behalf of a person who asked it
  bool rollback = false;
  std::string reason;   ///< of a commit by hand: its body
  std::string request;  ///< id of the API request
  std::string kind;     ///< of the API request: "promote", "rollback", "hold", "resume", "remove"
  bool changes_except = false;   ///< it changed which releases are never chosen again
  bool by_signature = false;     ///< a person made it by hand and signed it
  std::string signed_with = {};  ///< of by_signature: key and version of people_signers
  std::string unknown = {};      ///< why a signed commit is nobody's all the same
  /// Somebody asks; what he may ask for is another question.
  [[nodiscard]] bool HasPerson() const { return by_api || by_signature; }
  /// "a commit without a known signature", and why where it is signed.
  [[nodiscard]] std::string Nobody() const;
};

/// The message of a commit the controller writes on main for a person.
[[nodiscard]] std::string WishMessage(const std::string& subject,
                                      const std::string& request,
                                      const std::string& kind,
                                      const std::string& reason);

/// Judges one commit: only a signature of the controller's own key makes its trailers count.
[[nodiscard]] Wish ReadWish(const CommitInfo& commit, const AllowedSigners& controller);

/// What the body of a commit says, on one line: neither subject nor closing trailers.
[[nodiscard]] std::string BodyOf(const std::string& message);

/// The commit that carries out this API request, if one of the newest few hundred on main does: a
/// push whose answer was lost may have been one.
[[nodiscard]] std::optional<CommitId> FindRequest(const Repository& repository,
                                                  const CommitId& main,
                                                  const std::string& request,
                                                  const AllowedSigners& controller);

/// A key that the controller signed with once: good for commits that are part of `main`.
struct FormerController {
  AllowedSigners signers;
  CommitId main;
};

/// The controller's key alone, by its public line.
[[nodiscard]] AllowedSigners OnlyController(const std::string& public_line);

/// Finds the commit that made a desired file want what it wants. Keeps what it found, so that a
/// later look walks only what is new. Not thread-safe.
class WishFinder {
 public:
  /// `prover` as PersonSignatures takes it.
  explicit WishFinder(AllowedSigners controller, SignatureProver* prover = nullptr)
      : controller_(std::move(controller)), people_(prover) {}
  /// The log changed hands: ours is another key from now on.
  void Know(AllowedSigners controller, std::vector<FormerController> former);
  /// As PersonSignatures takes it.
  void BoundBy(const CommitId& policy);
  /// Where main stood before it was fetched last.
  void Saw(const std::optional<CommitId>& main);
  /// nullopt when there is no desired file. Only first parents are followed: what a merge brings is
  /// the merge's own wish. A commit of nobody's that leaves release and exceptions as they were is
  /// no wish.
  [[nodiscard]] std::optional<Wish> Find(const Repository& repository,
                                         const CommitId& main,
                                         const EnvironmentProject& pair);
  /// Who made the hold of the pair what it is, also by taking it out. nullopt: there never was one.
  [[nodiscard]] std::optional<Wish> FindHold(const Repository& repository,
                                             const CommitId& main,
                                             const EnvironmentProject& pair);

  /// Who signed the approval file at `path` as main has it now, and the commit that brought it.
  struct FileSigner {
    CommitSigner signer;
    CommitId commit;
  };
  [[nodiscard]] FileSigner FindSigner(const Repository& repository,
                                      const CommitId& main,
                                      const ApprovalFile& file,
                                      TimePoint at);
  /// Whether main still lists the key that signed the file; `at`: when it was counted.
  [[nodiscard]] bool StillSigns(const Repository& repository,
                                const CommitId& main,
                                const ApprovalFile& file,
                                TimePoint at);

 private:
  struct Found {
    CommitId main;
    ObjectId blob;
    Wish wish;
  };
  [[nodiscard]] Wish Judge(const Repository& repository,
                           const CommitInfo& commit,
                           const CommitId& main);
  [[nodiscard]] std::optional<CommitId> SeenBefore(const Repository& repository,
                                                   const CommitId& commit) const;
  [[nodiscard]] bool IsByAController(const CommitInfo& commit) const;
  void ForgetWithOtherPeople(const Repository& repository, const CommitId& main);

  AllowedSigners controller_;
  std::vector<FormerController> former_;
  std::map<std::string, Found> found_;
  struct FoundHold {
    CommitId main;
    std::optional<Wish> wish;
  };
  std::map<std::string, FoundHold> holds_;
  PersonSignatures people_;
  std::vector<CommitId> seen_;            ///< heads of main between fetches, newest last
  std::optional<ObjectId> known_people_;  ///< of the main that was looked at last
  CommitId policy_;
};

}  // namespace failgate
