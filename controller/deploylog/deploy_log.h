// The one writer of the branch deploy-log: facts become signed commits, written = pushed.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/deploylog/log_tree.h"
#include "controller/git/remote.h"
#include "controller/git/signing_key.h"

namespace failgate {

/// A fact that is owed. `change` is called with the state of the very commit it will follow, again
/// after each lost race: it edits that state and may complete the fact (the release's number). It
/// returns false when the log says it already, or when it is no longer true: nothing is written.
struct FactDraft {
  Fact fact;
  std::string result;  ///< trailer Result and last.result; may be empty
  std::function<bool(LogEdit&)> change;
};

/// What a fetch found out about the two branches.
enum class LogStanding {
  kOurs,       ///< the log is as we left it, or only grew by what we wrote
  kFenced,     ///< another instance took the log over: this process must stop writing
  kRewritten,  ///< main or deploy-log lost commits we had seen, or somebody else wrote to the log
};

/// Not thread-safe: belongs to the promotion loop. Readers open the repository themselves and read
/// kAcceptedLogRef and kAcceptedMainRef, which only ever name what was checked here.
class DeployLog {
 public:
  struct Options {
    std::filesystem::path repository;  ///< bare mirror of the operations repository, made if absent
    std::string controller;            ///< name in the server file
    std::string instance;              ///< of this process
    std::string host;
    Milliseconds deadline{30000};  ///< for each call of the remote
  };
  /// Called for every exchange, so that a changed token counts at once; may throw Error.
  using MakeRemote = std::function<Remote()>;
  DeployLog(Options options, MakeRemote remote, const SigningKey& key, const Clock& clock);

  /// Fetches both branches and accepts what may be accepted. Throws Error when the remote cannot be
  /// read. After kFenced or kRewritten every Append throws.
  LogStanding Fetch();
  /// Why standing() is not kOurs, one sentence with what to do.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  [[nodiscard]] LogStanding standing() const { return standing_; }

  /// After the first Fetch: the sentence that says whose log this is, when it belongs to a
  /// controller of another name.
  [[nodiscard]] std::optional<std::string> WhyNotOurs();
  /// Once, after the first Fetch: writes `started` with our instance. Throws Error(kNeedsChange)
  /// when the log belongs to a controller of another name.
  void TakeOver();

  /// All drafts in order, one commit each, one push. nullopt for those not written. Throws Error
  /// when the remote refuses or cannot be reached; then none is written.
  std::vector<std::optional<CommitId>> Append(const std::vector<FactDraft>& drafts);

  /// Pushes one commit to main on behalf of a person; false = lost race (Fetch, plan anew).
  bool PushMain(const CommitId& commit, const std::optional<CommitId>& expected);

  [[nodiscard]] std::optional<CommitId> LogHead() const;
  [[nodiscard]] std::optional<CommitId> MainHead() const;
  [[nodiscard]] Repository& repository() { return repository_; }
  /// Author and committer of facts.
  [[nodiscard]] Person Identity() const;

 private:
  bool AcceptLog(const std::optional<CommitId>& theirs);
  void AcceptMain(const std::optional<CommitId>& theirs);
  bool IsTrustedWriting(const std::optional<CommitId>& from, const CommitId& to);
  void Accept(const std::string& ref, const std::optional<CommitId>& from, const CommitId& to);
  struct Drafted {
    std::vector<CommitDraft> commits;
    std::vector<bool> written;  ///< per draft
  };
  Drafted Draft(const std::vector<FactDraft>& drafts, const std::optional<CommitId>& base);
  bool DraftOne(const FactDraft& draft, LogTree& tree, long sequence, Drafted& into);
  void Stop(LogStanding standing, std::string why);
  void Renew();

  Options options_;
  MakeRemote remote_;
  const SigningKey& key_;
  const Clock& clock_;
  Repository repository_;
  int uses_ = 0;  ///< of repository_ since it was opened
  LogStanding standing_ = LogStanding::kOurs;
  std::string trouble_;
  bool taken_over_ = false;
};

inline constexpr const char* kAcceptedLogRef = "refs/failgate/deploy-log";
inline constexpr const char* kAcceptedMainRef = "refs/failgate/main";

}  // namespace failgate
