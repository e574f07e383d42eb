// The promotion loop: the only writer of both branches. Everything it does starts from what they
// say.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "controller/base/guarded.h"
#include "controller/deploylog/deploy_log.h"
#include "controller/deploylog/key_keeper.h"
#include "controller/promotion/assessment_memory.h"
#include "controller/promotion/orders.h"
#include "controller/promotion/promotion_snapshot.h"
#include "controller/promotion/release_catalogue.h"
#include "controller/promotion/request_answer.h"
#include "controller/promotion/situation.h"
#include "controller/reconcile/reconciler.h"
#include "controller/store/request_store.h"
#include "controller/store/run_store.h"
#include "controller/store/token_store.h"
#include "controller/trust/policy_trust.h"

namespace failgate {

class Promoter {
 public:
  struct Parts {
    DeployLog& log;
    const SigningKey& key;
    RunStore& runs;
    RequestStore& requests;
    Reconciler& reconciler;
    const Clock& clock;
    std::map<SourceName, std::string> source_urls;  ///< as configured, without credentials
    /// The forge's own id of a delivery of ours, so that facts can be matched with its list; may be
    /// empty, and answers "" for what it does not know.
    std::function<std::string(const std::string&)> delivery_name;
    /// Carries out rotations of `key`, which is its own; may be nullptr: the key never changes.
    KeyKeeper* keys = nullptr;
    /// Proves people's signatures by keys other than ed25519; may be nullptr: those count nothing.
    SignatureProver* prover = nullptr;
    /// Which policy owners have signed; may be nullptr: main's is in force, whoever wrote it.
    PolicyTrust* trust = nullptr;
    /// Runs checks and commands of gates; may be nullptr: what they would say stays unknown.
    CheckDesk* checks = nullptr;
    /// Whose changes the log is told; may be nullptr: nobody has tokens.
    TokenStore* tokens = nullptr;
    /// Asks SonarQube; nullptr: no server is configured.
    SonarDesk* sonar = nullptr;
    /// Repeats runs that were compared with another champion; may be nullptr: people do.
    ComparisonRuns* comparisons = nullptr;
  };
  Promoter(Parts parts, PromotionBounds bounds);

  /// One pass: fetch; write what is owed (releases, superseded runs, results); carry out requests;
  /// judge every pair; order. Throws Error when the remote fails; the next pass goes on.
  void Step();

  /// Called in Step's thread for each request that is finished, once the snapshot shows what came
  /// of it. Set before the first Step.
  void OnAnswered(std::function<void(const std::string& request, const std::string& answer)> told);
  /// Called in Step's thread after a pass that wrote something.
  void OnChanged(std::function<void()> told);
  /// Called in Step's thread when the log belongs to a controller of another name, with the
  /// sentence that says so: this one has no business here. Set before the first Step.
  void OnForeignLog(std::function<void(const std::string& why)> told);

  /// nullptr before the first pass. Thread-safe.
  [[nodiscard]] std::shared_ptr<const PromotionSnapshot> Snapshot() const;
  /// When a pass last came to its end; the snapshot is older when nothing changed since.
  /// Thread-safe.
  [[nodiscard]] std::optional<TimePoint> LastPass() const;
  /// A gate that waits may have opened since the last pass: time for another. Thread-safe.
  [[nodiscard]] bool IsDue(TimePoint now) const;
  /// Why promotion does not work now; empty = it works. Thread-safe.
  [[nodiscard]] std::string Trouble() const;
  /// Not kOurs: nothing is promoted and no target touched until that ends. Thread-safe.
  [[nodiscard]] LogStanding Standing() const;

 private:
  Situation Look();
  void TakeOver();
  void KnowKeys();
  void CountSignersOfOwners();
  void SettlePolicy();
  void WriteOwed();
  /// Drafts that belong together, and what to do once the remote has them.
  struct Owed {
    std::vector<FactDraft> drafts;
    std::function<void()> told;
  };
  void AddReleases(std::vector<Owed>& owed);
  void AddSuperseded(std::vector<Owed>& owed);
  void AddResults(std::vector<Owed>& owed);
  void AddPeople(std::vector<Owed>& owed);
  [[nodiscard]] std::vector<FactDraft> TokensThatDiffer(const PeopleState& told) const;
  [[nodiscard]] bool Write(const std::vector<FactDraft>& drafts);
  void WriteVerdicts(const std::vector<FactDraft>& drafts);
  void CarryOutRequests();
  void ExceptWhatWasTakenBack();
  void Answer(const Request& request, const RequestAnswer& answer);
  bool AcceptHistory();
  void ForgetHistory();
  void StandDown(LogStanding standing);
  void JudgeAll();
  void AddDrafts(const Situation& situation,
                 const EnvironmentProject& pair,
                 const AssessedPair& assessed,
                 std::vector<FactDraft>& drafts) const;
  [[nodiscard]] bool IsPublished(const Situation& situation) const;
  void Publish();
  void TellAnswers();

  /// What one push holds in memory: each commit makes its folders' trees anew.
  static constexpr std::size_t kMaxFactsAtOnce = 500;
  Parts parts_;
  PromotionBounds bounds_;
  WishFinder wishes_;
  AuthorCache authors_;
  SourceSigners signers_;
  SourceRequirements requirements_;
  ReleaseCatalogue catalogue_;
  bool taken_over_ = false;
  bool tokens_compared_ = false;  ///< with the log, since this process took it over
  bool changed_ = false;
  std::string known_keys_;  ///< of controller.json, as the wishes know them
  CommitId read_main_;
  PolicyStanding policy_;    ///< for the whole pass, whatever is fetched meanwhile
  std::string read_policy_;  ///< what view_ was read under
  std::shared_ptr<const OperationsView> view_ = std::make_shared<const OperationsView>();
  std::optional<LogTree> tree_;
  LogViewReader log_reader_;
  AssessmentMemory assessments_;
  bool stood_down_ = false;  ///< orders were taken back, the snapshot does not say so
  /// What opens later than this was not seen by the last judging, however long its pushes took.
  TimePoint judged_at_{};
  bool assessed_ = false;  ///< something was assessed since the last snapshot
  OrderBook orders_;
  std::map<std::string, std::string> answers_;  ///< by request, not told yet
  std::function<void(const std::string&, const std::string&)> answered_;
  std::function<void()> told_change_;
  std::function<void(const std::string&)> told_foreign_;
  struct Shared {
    std::shared_ptr<const PromotionSnapshot> snapshot;
    std::optional<TimePoint> passed;
    std::string trouble;
    LogStanding standing = LogStanding::kOurs;
  };
  Guarded<Shared> shared_;
};

}  // namespace failgate
