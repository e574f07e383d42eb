// Whose a commit on main is, by its own signature and people_signers.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "controller/base/ids.h"
#include "controller/git/commit_info.h"
#include "controller/git/repository.h"
#include "controller/git/ssh_signature.h"
#include "controller/promotion/people.h"

namespace failgate {

/// What the signature of a commit says about who made it.
struct CommitSigner {
  Person person;            ///< empty: nobody's
  std::string signed_with;  ///< "SHA256:… people_signers@BLOB"
  std::string why_not;      ///< of a signed commit that is nobody's: one phrase
};

/// Keeps the versions of people_signers it read. Not thread-safe.
class PersonSignatures {
 public:
  /// `prover` (may be nullptr: ed25519 alone is proved) outlives it.
  explicit PersonSignatures(SignatureProver* prover) : prover_(prover) {}
  /// Where owners sign policy: a key counts only while the people_signers of this commit lists it
  /// too. Empty: main's own is enough.
  void BoundBy(CommitId policy) { policy_ = std::move(policy); }

  /// A key counts when it is listed for requests in the first parent of the commit and in `main`
  /// (so that one that was taken out since counts no longer) and is valid at the commit's time,
  /// which is taken to be no earlier than its parent's. `seen`: where main stood before the
  /// fetch that brought the commit, if that is known: the key must be listed there too, so that
  /// nobody lists his key and uses it in one push.
  [[nodiscard]] CommitSigner SignerOf(const Repository& repository,
                                      const CommitInfo& commit,
                                      const CommitId& main,
                                      const std::optional<CommitId>& seen);
  /// The same for a file with a detached signature for approvals that `commit` brought; the key
  /// must be valid at `at`.
  [[nodiscard]] CommitSigner SignerOfFile(const Repository& repository,
                                          const std::string& signature,
                                          const std::string& bytes,
                                          TimePoint at,
                                          const CommitInfo& commit,
                                          const CommitId& main,
                                          const std::optional<CommitId>& seen);
  /// Whether `main` still lists, for approvals, the key that signed these bytes as this person's.
  [[nodiscard]] bool StillSigns(const Repository& repository,
                                const std::string& signature,
                                const std::string& bytes,
                                TimePoint at,
                                const std::string& email,
                                const CommitId& main);

 private:
  struct Signed {
    std::string signature;
    std::string_view bytes;
    std::string_view name_space;
    TimePoint at;
  };
  [[nodiscard]] SignatureCheck Check(const Signed& what, const People& people);
  [[nodiscard]] CommitSigner Ask(const Repository& repository,
                                 const Signed& what,
                                 const CommitInfo& commit,
                                 const CommitId& main,
                                 const std::optional<CommitId>& seen);
  [[nodiscard]] const People& At(const Repository& repository, const CommitId& commit);

  SignatureProver* prover_;
  CommitId policy_;
  std::map<ObjectId, People> versions_;
};

}  // namespace failgate
