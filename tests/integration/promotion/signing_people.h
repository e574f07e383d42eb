// People with SSH keys of their own, and stock git and ssh-keygen to use them.
#pragma once

#include <map>
#include <string>

#include "tests/integration/promotion/ladder_world.h"

namespace failgate {

class SigningPeople {
 public:
  /// Keeps `world`.
  explicit SigningPeople(LadderWorld& world) : world_(world) {}
  /// A key of the person (made at the first call), as a line of people_signers.
  std::string Line(const std::string& email,
                   const std::string& options = "namespaces=\"git,failgate-approval\"",
                   const std::string& kind = "ed25519");
  /// Puts these lines on main as people_signers, and lets a pass see them.
  void List(const std::string& lines);
  /// A commit on main by hand, signed with the person's key, pushed; no pass yet. Answers its id.
  std::string Commit(const std::string& email,
                     const std::map<std::string, std::string>& files,
                     const std::string& message);
  /// The same without a push.
  std::string CommitLocally(const std::string& email,
                            const std::map<std::string, std::string>& files,
                            const std::string& message);
  /// Content of FILE.sig: a detached signature of `bytes` with the person's key.
  std::string Sign(const std::string& email,
                   const std::string& bytes,
                   const std::string& name_space = "failgate-approval");
  [[nodiscard]] std::string KeyFile(const std::string& email) const;
  std::string date;  ///< author's and committer's of the next commits; empty: now

 private:
  void Run(const std::vector<std::string>& argv);
  LadderWorld& world_;
  ProcessRunner runner_;
};

}  // namespace failgate
