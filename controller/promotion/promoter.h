// The promotion loop: the only writer of both branches. Everything it does starts from what they
// say.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "controller/base/guarded.h"
#include "controller/deploylog/deploy_log.h"
#include "controller/promotion/known_releases.h"
#include "controller/promotion/promotion_snapshot.h"
#include "controller/promotion/situation.h"
#include "controller/reconcile/reconciler.h"
#include "controller/store/request_store.h"
#include "controller/store/run_store.h"

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
  /// Why promotion does not work now; empty = it works. Thread-safe.
  [[nodiscard]] std::string Trouble() const;

 private:
  Situation Look();
  void WriteOwed();
  void WriteReleases(std::vector<FactDraft>& drafts, std::vector<std::function<void()>>& after);
  void CarryOutRequests();
  void JudgeAll();
  void JudgePair(const Situation& situation,
                 const EnvironmentProject& pair,
                 std::vector<FactDraft>& drafts);
  void Publish();
  void TellAnswers();

  Parts parts_;
  PromotionBounds bounds_;
  WishFinder wishes_;
  AuthorCache authors_;
  KnownReleases known_releases_;
  bool taken_over_ = false;
  bool changed_ = false;
  CommitId read_main_;
  OperationsView view_;
  std::optional<LogTree> tree_;
  LogViewReader log_reader_;
  std::map<EnvironmentProject, Assessment> pairs_;
  std::map<std::string, std::string> answers_;  ///< by request, not told yet
  std::function<void(const std::string&, const std::string&)> answered_;
  std::function<void()> told_change_;
  std::function<void(const std::string&)> told_foreign_;
  struct Shared {
    std::shared_ptr<const PromotionSnapshot> snapshot;
    std::string trouble;
  };
  Guarded<Shared> shared_;
};

}  // namespace failgate
