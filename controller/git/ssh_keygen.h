// The stock ssh-keygen as prover of signatures by keys of every kind that people have.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "controller/git/ssh_signature.h"
#include "controller/process/process.h"

namespace failgate {

/// `ssh-keygen -Y verify`, one child a signature that was not asked about before. Not thread-safe.
class SshKeygen final : public SignatureProver {
 public:
  /// Keeps `runner`.
  explicit SshKeygen(ProcessRunner& runner) : runner_(runner) {}
  /// What ssh-keygen says no to is false. Throws Error: kNeedsChange without the program, kRetry
  /// when it did not come to an end.
  [[nodiscard]] bool Proves(const std::string& armored,
                            std::string_view payload,
                            const std::string& name_space,
                            const std::string& public_blob) override;
  /// Children started so far.
  [[nodiscard]] std::size_t started() const { return started_; }

 private:
  [[nodiscard]] bool Ask(const std::string& armored,
                         std::string_view payload,
                         const std::string& name_space,
                         const std::string& public_blob);

  ProcessRunner& runner_;
  std::map<std::string, bool> known_;  ///< by digest of everything that was asked
  std::size_t started_ = 0;
};

}  // namespace failgate
