// Signing and committing in a person's work tree, by the stock ssh-keygen and git programs.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "controller/config/secret_reference.h"
#include "controller/process/process.h"

namespace failgate {

/// Throws Error with what the program said.
class PolicySigner {
 public:
  PolicySigner(std::filesystem::path clone, const EnvironmentLookup& environment);

  /// Root of the work tree; throws for a bare repository.
  [[nodiscard]] std::filesystem::path WorkTree();
  /// Files of policy that differ from HEAD, or are not tracked, as `git status` lists them.
  [[nodiscard]] std::string Uncommitted();
  /// The armored signature of `listing`. A key with a passphrase must be in an agent: nobody can be
  /// asked for one here.
  [[nodiscard]] std::string Sign(const std::string& listing, const std::filesystem::path& key);
  /// Writes policy.sig at the root and commits it alone; what else is staged stays so.
  void Commit(const std::string& signature, const std::string& message);

 private:
  [[nodiscard]] ProcessResult Run(std::vector<std::string> argv);
  [[nodiscard]] ProcessResult Git(const std::vector<std::string>& arguments);

  std::filesystem::path clone_;
  std::vector<std::pair<std::string, std::string>> environment_;
  ProcessRunner runner_;
};

}  // namespace failgate
