// The canonical listing of policy: which files of `main` decide what may run where, and with what
// content. Owners sign these bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/base/ids.h"
#include "controller/git/repository.h"

namespace failgate {

/// The file at the root of main that holds the owner's signature.
inline constexpr const char* kPolicySignatureFile = "policy.sig";
/// First line of each listing: its format, and what it is a listing of.
inline constexpr std::string_view kPolicyListingHead =
    "failgate-policy-listing 1: what this operations repository lets run, and where\n";

/// environments/**, people_signers and allowed_signers; not what people want (desired/**) or
/// approve (approvals/**).
[[nodiscard]] bool IsPolicyPath(std::string_view path);

struct PolicyListing {
  /// kPolicyListingHead, then "BLOB MODE PATH\n" of each covered file, lines sorted by bytes. A
  /// blob's id names its content, so that the bytes bind all of policy and no commit.
  std::string text;
  std::string digest;              ///< "sha256:…" of `text`
  std::vector<TreeEntry> entries;  ///< covered, in the order of the lines
  /// Why no signature can count for it: a path that could pass for another line. Empty = none.
  std::string problem;
};

/// Of entries with whole paths; those that policy does not cover are left out. Pure.
[[nodiscard]] PolicyListing ListPolicy(std::vector<TreeEntry> entries);
/// Of a commit of main. Throws Error when the repository cannot be read.
[[nodiscard]] PolicyListing ListPolicyAt(const Repository& repository, const CommitId& commit);

/// Ids of everything ListPolicyAt and the signature depend on, by one read of the root: equal
/// texts, equal listing and signature. Throws as above.
[[nodiscard]] std::string PolicyContentKey(const Repository& repository, const CommitId& commit);

/// "added PATH", "changed PATH", "removed PATH", in the order of paths.
[[nodiscard]] std::vector<std::string> PolicyChanges(const PolicyListing& from,
                                                     const PolicyListing& to);

}  // namespace failgate
