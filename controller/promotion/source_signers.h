// Who signed what is new in a release, by people_signers of main as it is now.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <tuple>

#include "controller/base/ids.h"
#include "controller/git/ssh_signature.h"
#include "controller/promotion/people.h"
#include "policies/facts.h"

namespace failgate {

/// No more commits of a release are examined.
inline constexpr std::size_t kMaxSignedCommits = 1000;

/// Commits in `to` and not in `from` (empty: all), each at its committer's time; a release of one
/// and the same revision has that commit.
[[nodiscard]] SignedCommitsFact SignedCommitsBetween(const std::filesystem::path& mirror,
                                                     const CommitId& from,
                                                     const CommitId& to,
                                                     const People& people,
                                                     SignatureProver* prover);

/// Answers of SignedCommitsBetween, kept. Not thread-safe.
class SourceSigners {
 public:
  /// `prover` (may be nullptr: ed25519 alone is proved) outlives it.
  explicit SourceSigners(SignatureProver* prover) : prover_(prover) {}
  [[nodiscard]] SignedCommitsFact Between(const std::filesystem::path& mirror,
                                          const CommitId& from,
                                          const CommitId& to,
                                          const People& people);

 private:
  using Key = std::tuple<std::string, CommitId, CommitId, ObjectId>;
  SignatureProver* prover_;
  std::map<Key, SignedCommitsFact> known_;
};

}  // namespace failgate
