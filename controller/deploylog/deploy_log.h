// The one writer of the branch deploy-log: facts become signed commits, written = pushed.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/clock.h"
#include "controller/deploylog/log_tree.h"
#include "controller/deploylog/state_memory.h"
#include "controller/git/folder_memory.h"
#include "controller/git/late_ref.h"
#include "controller/git/push_standby.h"
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

/// "fenced", "rewritten", or empty for kOurs.
[[nodiscard]] std::string_view StandingWord(LogStanding standing);

/// A branch that lost commits which had been accepted.
struct RewrittenBranch {
  std::string name;   ///< "main" or "deploy-log"
  CommitId accepted;  ///< its head when it was last accepted; the mirror keeps it
  CommitId remote;    ///< its head now
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

  /// Which commit's allowed_signers counts when main stands at the given one; nullopt: none does.
  /// Not set: that of main itself. Called in the threads of Fetch and TakeOver; set before them.
  using SignersAt = std::function<std::optional<CommitId>(const CommitId& main)>;
  void CountSignersAt(SignersAt signers) { signers_at_ = std::move(signers); }

  /// Fetches both branches and accepts what may be accepted. Throws Error when the remote cannot be
  /// read. After kFenced or kRewritten every Append throws.
  LogStanding Fetch();
  /// Why standing() is not kOurs, one sentence with what to do.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  [[nodiscard]] LogStanding standing() const { return standing_; }

  /// Which branch an operator may accept as it is now (AcceptRewritten). nullopt also when the log
  /// was written to by somebody else: that can never be accepted, only undone.
  [[nodiscard]] const std::optional<RewrittenBranch>& rewritten() const { return rewritten_; }
  /// Takes the remote's state of the rewritten branch as its history. The lost commits stay in the
  /// mirror under LostRef(branch, request). Refusal: not_acceptable, with the reason: a deploy-log
  /// whose commits are not all facts of a trusted key, or of another controller.
  [[nodiscard]] Result<CommitId> AcceptRewritten(const std::string& request);

  /// After the first Fetch: the sentence that says whose log this is, when it belongs to a
  /// controller of another name.
  [[nodiscard]] std::optional<std::string> WhyNotOurs();
  /// Once, after the first Fetch: writes `started` with our instance, and before it that our key
  /// replaces a lost one. Throws Error(kNeedsChange) when the log belongs to a controller of
  /// another name, or is signed with another key and main does not allow ours.
  void TakeOver();

  /// Facts must begin with this one when the log is signed with another key than ours; throws
  /// Error(kNeedsChange) when main does not allow ours.
  [[nodiscard]] std::optional<FactDraft> KeyReplacement(TimePoint at) const;
  /// Makes `state` say that this process works on the log since `since`.
  void SignIn(ControllerState& state, TimePoint since) const;

  /// All drafts in order, one commit each, one push. nullopt for those not written. Throws Error
  /// when the remote refuses or cannot be reached; then none is written.
  std::vector<std::optional<CommitId>> Append(const std::vector<FactDraft>& drafts);

  /// Pushes drafted commits to main on behalf of a person: pushed, or lost the race (Fetch, plan
  /// anew). They are stored meanwhile. Throws Error when the remote refuses.
  PushResult PushMain(CommitChain& chain, const std::optional<CommitId>& expected);

  /// Opens the repository anew, so that what was kept of its reading is forgotten: for the end of
  /// work that read much.
  void Renew();

  [[nodiscard]] std::optional<CommitId> LogHead() const;
  [[nodiscard]] std::optional<CommitId> MainHead() const;
  [[nodiscard]] Repository& repository() { return repository_; }
  [[nodiscard]] const Repository& repository() const { return repository_; }
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
    PairStates used = {};       ///< as the last commit has them
    PairStates others = {};     ///< known, and untouched
  };
  Drafted Draft(const std::vector<FactDraft>& drafts, const std::optional<CommitId>& base);
  /// `fact`: of `draft`, to be completed.
  bool DraftOne(const FactDraft& draft, Fact fact, LogTree& tree, long sequence, Drafted& into);
  /// `drafted` is true at `head`: for the next writing.
  void Remember(const std::optional<CommitId>& head, Drafted& drafted);
  void Stop(LogStanding standing, std::string why);
  void StopRewritten(const char* branch,
                     const CommitId& ours,
                     const std::optional<CommitId>& theirs);
  [[nodiscard]] std::optional<Refusal> WhyNotAcceptable(const RewrittenBranch& branch);
  void CountUse();
  [[nodiscard]] std::optional<CommitId> SignersCommit(const std::optional<CommitId>& main) const;

  Options options_;
  MakeRemote remote_;
  SignersAt signers_at_;
  const SigningKey& key_;
  const Clock& clock_;
  Repository repository_;
  LateRef accepted_log_;
  PushStandby standby_;
  StateMemory memory_;
  FolderMemory folders_;
  int uses_ = 0;  ///< of repository_ since it was opened
  LogStanding standing_ = LogStanding::kOurs;
  std::string trouble_;
  std::optional<RewrittenBranch> rewritten_;
  bool taken_over_ = false;
};

inline constexpr const char* kAcceptedLogRef = "refs/failgate/deploy-log";
inline constexpr const char* kAcceptedMainRef = "refs/failgate/main";
inline constexpr const char* kDeployLogBranch = "deploy-log";
/// What a branch was before the request that accepted its rewriting.
[[nodiscard]] std::string LostRef(const std::string& branch, const std::string& request);

}  // namespace failgate
