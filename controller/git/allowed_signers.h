// Git's allowed_signers file (ssh-keygen(1), ALLOWED SIGNERS): whose keys may sign, for what, when.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/result.h"

namespace failgate {

/// One line of the file.
struct AllowedSigner {
  std::vector<std::string> principals;    ///< usually one e-mail address; may hold ssh patterns
  std::string key_type;                   ///< "ssh-ed25519"
  std::string public_blob;                ///< wire form of the key
  std::optional<std::string> namespaces;  ///< ssh pattern list; nullopt = any
  std::optional<TimePoint> valid_after;   ///< inclusive
  std::optional<TimePoint> valid_before;  ///< inclusive
  int line = 0;                           ///< of the file, from 1
};

class AllowedSigners {
 public:
  /// Nobody is allowed.
  AllowedSigners() = default;
  /// All problems with their lines. cert-authority, unknown options and damaged keys are problems.
  /// Times without a final Z are read as UTC (ssh-keygen reads them in the machine's zone).
  [[nodiscard]] static Parsed<AllowedSigners> Parse(std::string_view text,
                                                    const std::string& file = "allowed_signers");
  /// Lines whose key is `public_blob`.
  [[nodiscard]] std::vector<const AllowedSigner*> Find(std::string_view public_blob) const;
  [[nodiscard]] const std::vector<AllowedSigner>& signers() const { return signers_; }
  [[nodiscard]] bool empty() const { return signers_.empty(); }

 private:
  std::vector<AllowedSigner> signers_;
};

/// ssh's pattern lists: "git,failgate-*,!git-x"; a negated match wins, nothing matched = false.
[[nodiscard]] bool MatchesPatternList(std::string_view text, std::string_view patterns);

}  // namespace failgate
