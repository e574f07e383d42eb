// A rewritten log that an operator accepts: once, whatever is killed when, and with what it lost.
#include "controller/promotion/history_acceptance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/deploylog/log_history.h"
#include "controller/store/database.h"
#include "tests/integration/deploylog/log_world.h"

namespace failgate {
namespace {

class HistoryAcceptance : public ::testing::Test {
 protected:
  HistoryAcceptance() {
    log_ = world_.ControllerWithFacts(2);
    before_ = *log_->LogHead();
  }

  /// The log tells of the run, and then it does not any more.
  RunId TellAndLose(FactKind kind, RunState state) {
    NewRun run;
    run.source = SourceName("churn");
    run.project = ProjectName("churn");
    run.revision = CommitId(std::string(40, 'a'));
    const RunId id = runs_.CreateFinished(run, state).id;
    FactDraft draft;
    draft.fact.kind = kind;
    draft.fact.at = world_.clock.Now();
    draft.fact.subject = "told of a run";
    draft.fact.project = ProjectName("churn");
    draft.fact.Add("Run", id.text());
    draft.change = [](LogEdit&) { return true; };
    log_->Append({draft});
    Lose();
    return id;
  }
  void Lose() {
    lost_ = *log_->LogHead();
    world_.Git({"fetch", "-q", "origin"});
    world_.Git({"push", "-q", "-f", "origin", before_.text() + ":refs/heads/deploy-log"});
    ASSERT_EQ(log_->Fetch(), LogStanding::kRewritten);
  }
  Request Asked() {
    Request request;
    request.id = "0193-asked";
    request.kind = kAcceptHistory;
    request.person = Person{"Olga Novak", "olga@example.com"};
    request.reason = "restored";
    request.options_json = before_.text();
    return request;
  }
  RequestAnswer CarryOut() { return CarryOutAcceptance(Asked(), *log_, runs_, world_.clock.Now()); }
  std::size_t Told() {
    LogFilter filter;
    filter.kind = FactKind::kHistoryAccepted;
    return ReadHistory(log_->repository(), *log_->LogHead(), filter).size();
  }

  LogWorld world_;
  Database database_{world_.folder.path() / "failgate.db", DatabaseUser::kServer, world_.clock};
  RunStore runs_{database_, world_.clock};
  std::unique_ptr<DeployLog> log_;
  CommitId before_;
  CommitId lost_;
};

TEST_F(HistoryAcceptance, OwesAgainWhatOnlyTheLostCommitsToldOfASupersededRun) {
  const RunId run = TellAndLose(FactKind::kSuperseded, RunState::kSuperseded);
  runs_.IgnoreRelease(run, "told");
  ASSERT_TRUE(runs_.UntoldSuperseded().empty());
  EXPECT_EQ(CarryOut().status, 202);
  ASSERT_EQ(runs_.UntoldSuperseded().size(), 1U);
  EXPECT_EQ(runs_.UntoldSuperseded()[0].id, run);
}

TEST_F(HistoryAcceptance, TellsItOnceWhenItIsCarriedOutAgain) {
  log_->Append({world_.Draft(FactKind::kHealed, "healed")});
  Lose();
  EXPECT_EQ(CarryOut().status, 202);
  EXPECT_EQ(CarryOut().status, 202);
  EXPECT_EQ(Told(), 1U);
  EXPECT_TRUE(world_.Audit().ok());
}

TEST_F(HistoryAcceptance, IsToldByTheNextLifeWhenKilledBeforeTheFact) {
  const RunId run = TellAndLose(FactKind::kSuperseded, RunState::kSuperseded);
  runs_.IgnoreRelease(run, "told");
  ASSERT_TRUE(log_->AcceptRewritten(Asked().id));
  // The next life begins on the same mirror; its log is in order, only the fact is owed.
  EXPECT_EQ(log_->Fetch(), LogStanding::kOurs);
  EXPECT_EQ(Told(), 0U);
  const RequestAnswer answer = CarryOut();
  EXPECT_EQ(answer.status, 202) << answer.message;
  EXPECT_EQ(Told(), 1U);
  EXPECT_EQ(runs_.UntoldSuperseded().size(), 1U);
}

TEST_F(HistoryAcceptance, IsAcceptedByTheNextLifeWhenOnlyWhatIsLostWasNoted) {
  log_->Append({world_.Draft(FactKind::kHealed, "healed")});
  Lose();
  ASSERT_TRUE(log_->repository().SetRef(LostRef("deploy-log", Asked().id), lost_, std::nullopt));
  ASSERT_EQ(log_->Fetch(), LogStanding::kRewritten);
  const RequestAnswer answer = CarryOut();
  EXPECT_EQ(answer.status, 202) << answer.message;
  EXPECT_EQ(log_->Fetch(), LogStanding::kOurs);
  EXPECT_EQ(Told(), 1U);
}

TEST_F(HistoryAcceptance, IsRefusedWhenTheBranchWasRewrittenOnceMore) {
  log_->Append({world_.Draft(FactKind::kHealed, "healed")});
  Lose();
  ASSERT_TRUE(log_->AcceptRewritten(Asked().id));
  world_.Git({"push", "-q", "-f", "origin", before_.text() + "~1:refs/heads/deploy-log"});
  ASSERT_EQ(log_->Fetch(), LogStanding::kRewritten);
  EXPECT_EQ(CarryOut().code, "not_acceptable");
  EXPECT_EQ(log_->Fetch(), LogStanding::kRewritten);
}

TEST_F(HistoryAcceptance, RefusesWhenNothingWasRewrittenOrAnotherCommitIsNamed) {
  EXPECT_EQ(CarryOut().code, "nothing_to_accept");
  log_->Append({world_.Draft(FactKind::kHealed, "healed")});
  Lose();
  Request request = Asked();
  request.options_json = lost_.text();
  const RequestAnswer answer = CarryOutAcceptance(request, *log_, runs_, world_.clock.Now());
  EXPECT_EQ(answer.code, "not_the_head");
  EXPECT_EQ(log_->Fetch(), LogStanding::kRewritten);
}

}  // namespace
}  // namespace failgate
