// `Recovered: true` claims a restart between the order and its end; the log must show one.
#include <gtest/gtest.h>

#include "controller/promotion/fact_drafts.h"
#include "tests/integration/deploylog/log_world.h"

namespace failgate {
namespace {

class RecoveredFact : public testing::Test {
 protected:
  void Start(const std::string& instance) {
    world_.clock.Advance(std::chrono::seconds(10));
    log_ = world_.Controller(instance);
    log_->Fetch();
    log_->TakeOver();
  }
  void Order() {
    world_.clock.Advance(std::chrono::seconds(10));
    FactDraft draft = world_.Draft(FactKind::kPromoted, "promoted churn-1 to prod");
    draft.change = [](LogEdit& edit) {
      edit.environment->decided.release = ReleaseName("churn-1");
      edit.environment->decided.at = edit.fact.at;
      edit.environment->decided.attempt = 1;
      return true;
    };
    log_->Append({draft});
  }
  /// The reconciler found it in place at its first look, and takes that for an earlier process'
  /// work.
  bool TellsOfARestart() {
    const LogTree tree(log_->repository(), log_->LogHead());
    const OperationsView view;
    const PromotionBounds bounds;
    AuthorCache authors;
    const Situation situation{
        log_->repository(), *log_->MainHead(), view, tree, bounds, authors, world_.clock.Now()};
    ReconcileResult result;
    result.environment = EnvironmentName("prod");
    result.project = ProjectName("churn");
    result.attempt = 1;
    result.release = ReleaseName("churn-1");
    result.at = world_.clock.Now();
    result.recovered = true;
    return ResultDrafts(situation, result).front().fact.recovered;
  }

  LogWorld world_;
  std::unique_ptr<DeployLog> log_;
};

TEST_F(RecoveredFact, IsToldOfAnOrderThatAnEarlierProcessGave) {
  Start("one");
  Order();
  Start("two");
  EXPECT_TRUE(TellsOfARestart());
}

TEST_F(RecoveredFact, IsNotToldOfAnOrderThatThisProcessGave) {
  Start("one");
  Order();
  EXPECT_FALSE(TellsOfARestart());
}

}  // namespace
}  // namespace failgate
