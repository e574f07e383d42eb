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

  /// A key counts when it is listed for requests in the first parent of the commit and in `main`
  /// (so that one that was taken out since counts no longer) and is valid at the commit's time,
  /// which is taken to be no earlier than its parent's. `seen`: where main stood before the
  /// fetch that brought the commit, if that is known: the key must be listed there too, so that
  /// nobody lists his key and uses it in one push.
  [[nodiscard]] CommitSigner SignerOf(const Repository& repository,
                                      const CommitInfo& commit,
                                      const CommitId& main,
                                      const std::optional<CommitId>& seen);

 private:
  [[nodiscard]] const People& At(const Repository& repository, const CommitId& commit);

  SignatureProver* prover_;
  std::map<ObjectId, People> versions_;
};

}  // namespace failgate
