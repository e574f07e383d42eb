// A deploy log in somebody else's hands: read commit by commit, changed, and written again with
// whatever key that somebody has.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/deploylog/fact.h"
#include "controller/deploylog/log_state.h"
#include "controller/git/repository.h"
#include "controller/git/signing_key.h"

namespace failgate {

/// One commit, to be changed. What has the same bytes and parent stays the very commit it was.
struct ForgedCommit {
  CommitId id;  ///< as found; after Write() as written
  ObjectId tree;
  std::string author;     ///< "Name <address> seconds zone"
  std::string committer;  ///< the same
  std::string message;
  std::optional<std::string> signature;
  const SigningKey* key = nullptr;  ///< signs it anew; nullptr = the signature stays as it is
  bool root = false;                ///< it shall have no parent
  std::vector<CommitId> more_parents = {};

  void Replace(const std::string& from, const std::string& to);  ///< in the message; must be there
  [[nodiscard]] WrittenFact Written() const;
};

class ForgedLog {
 public:
  /// Works on a copy of the bare repository `origin`, in `folder`.
  ForgedLog(const std::filesystem::path& origin, const std::filesystem::path& folder);

  /// Place of the first (or the last) commit whose message begins with `subject`.
  [[nodiscard]] std::size_t Find(const std::string& subject) const;
  [[nodiscard]] std::size_t FindLast(const std::string& subject) const;
  [[nodiscard]] std::string File(std::size_t place, const std::string& path) const;
  /// Changes a file in the tree of one commit only; nullopt = removes it.
  void PutFile(std::size_t place,
               const std::string& path,
               const std::optional<std::string>& content);
  [[nodiscard]] EnvironmentState State(std::size_t place, const std::string& environment) const;
  void PutState(std::size_t place, const std::string& environment, const EnvironmentState& state);
  /// From this place on everything is signed anew, as one who holds the key would.
  void SignFrom(std::size_t place, const SigningKey& key);
  /// Gives the commits from this place on the numbers that belong there, in message and file.
  void NumberFrom(std::size_t place);
  /// Writes the commits as a line, oldest first; the branch names the last.
  void Write();

  std::vector<ForgedCommit> commits;
  Repository repository;

 private:
  [[nodiscard]] CommitId WriteOne(const ForgedCommit& commit,
                                  const std::optional<CommitId>& parent);
  std::filesystem::path folder_;
};

}  // namespace failgate
