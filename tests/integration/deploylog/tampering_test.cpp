// Every way of changing the log's past that we know of, done to a log that the real controller
// wrote. Who holds no key, or a foreign one, is found by signatures; who holds the controller's own
// key, as a careless administrator does, by what facts, files and decisions say of each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/deploylog/audit.h"
#include "policies/decision_json.h"
#include "tests/integration/deploylog/forged_log.h"
#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::Contains;

/// What a forger works with, and what an auditor knows.
struct Scene {
  ForgedLog& log;
  const SigningKey& controller;
  const SigningKey& foreign;
  const SigningKey& person;
  AuditScope scope;
};

struct Tampering {
  std::string name;
  AuditKind kind = AuditKind::kRewritten;
  /// Answers the place of the commit that must be named.
  std::size_t (*apply)(Scene&) = nullptr;
};
void PrintTo(const Tampering& tampering, std::ostream* out) {
  *out << tampering.name;
}

constexpr const char* kDeployed = "deployed app-1 to recette";

std::size_t RewrittenMessage(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  scene.log.commits[place].Replace("deployed app-1", "deployed app-7");
  return place;
}

std::size_t RewrittenMessageSigned(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  scene.log.commits[place].Replace("Result: success", "Result: failure");
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t RewrittenAuthor(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  std::string& author = scene.log.commits[place].author;
  author = "Mallory <mallory@example.com>" + author.substr(author.find('>') + 1);
  return place;
}

std::size_t RewrittenAuthorSigned(Scene& scene) {
  const std::size_t place = RewrittenAuthor(scene);
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t RewrittenDateSigned(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  std::string& author = scene.log.commits[place].author;
  author = author.substr(0, author.find("> ") + 2) + "1000000000 +0000";
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t WrittenBeforeItsParentSigned(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  std::string& committer = scene.log.commits[place].committer;
  committer = committer.substr(0, committer.find("> ") + 2) + "1000000000 +0000";
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t OrderOfCommits(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  std::swap(scene.log.commits[place], scene.log.commits[place + 1]);
  return place;
}

std::size_t OrderOfCommitsSigned(Scene& scene) {
  const std::size_t place = OrderOfCommits(scene);
  scene.log.SignFrom(place, scene.controller);
  return place;
}

/// The numbers are set right too; then the trees show it.
std::size_t OrderOfCommitsNumberedAndSigned(Scene& scene) {
  const std::size_t place = OrderOfCommits(scene);
  scene.log.NumberFrom(place);
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t DroppedNewest(Scene& scene) {
  scene.scope.expect = scene.log.commits.back().id;
  scene.log.commits.pop_back();
  return scene.log.commits.size();
}

std::size_t DroppedMiddle(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  scene.log.commits.erase(scene.log.commits.begin() + static_cast<std::ptrdiff_t>(place));
  return place;
}

std::size_t DroppedMiddleSigned(Scene& scene) {
  const std::size_t place = DroppedMiddle(scene);
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t DroppedApprovalNumberedAndSigned(Scene& scene) {
  const std::size_t place = scene.log.Find("approved app-1 for prod");
  scene.log.commits.erase(scene.log.commits.begin() + static_cast<std::ptrdiff_t>(place));
  scene.log.NumberFrom(place);
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t SwappedRecord(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  const std::string path = "releases/app/app-1.json";
  scene.log.PutFile(place, path, scene.log.File(place, path) + " ");
  return place;
}

std::size_t SwappedRecordSigned(Scene& scene) {
  const std::size_t place = SwappedRecord(scene);
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t RecordSwappedWhereItIsAddedSigned(Scene& scene) {
  const std::size_t place = scene.log.Find("released app-1");
  const std::string path = "releases/app/app-1.json";
  scene.log.PutFile(place, path, scene.log.File(place, path) + " ");
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::string DecisionOf(const ForgedLog& log, const std::string& subject) {
  return log.commits[log.FindLast(subject)].Written().Value("Decision").value();
}

std::size_t SwappedDecisionSigned(Scene& scene) {
  const std::size_t place = scene.log.Find("promoted app-1 to prod");
  scene.log.commits[place].Replace(DecisionOf(scene.log, "promoted app-1 to prod"),
                                   DecisionOf(scene.log, "promoted app-1 to recette"));
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t SwappedDecisionFileSigned(Scene& scene) {
  const std::size_t place = scene.log.Find("promoted app-1 to prod");
  const std::string path = *DecisionPath(DecisionOf(scene.log, "promoted app-1 to prod"));
  const std::string other = *DecisionPath(DecisionOf(scene.log, "promoted app-1 to recette"));
  scene.log.PutFile(place, path, scene.log.File(place, other));
  scene.log.SignFrom(place, scene.controller);
  return place;
}

/// A decision that deferred is made to pass, under a name of its own, and its fact tells the same.
std::size_t EditedVerdictSigned(Scene& scene) {
  ForgedLog& log = scene.log;
  const std::size_t place = log.Find("decided app-1 for prod: deferred");
  const std::string named = log.commits[place].Written().Value("Decision").value();
  auto record = DecisionRecordFromJson(log.File(place, *DecisionPath(named))).value();
  for (GateVerdict& verdict : record.decision.verdicts) {
    verdict.verdict = Verdict::kPass;
    verdict.until.reset();
  }
  record.decision.outcome = Outcome::kPassed;
  const std::string bytes = DecisionRecordToJson(record);
  log.commits[place].Replace(named, DecisionName(bytes));
  log.PutFile(place, *DecisionPath(DecisionName(bytes)), bytes);
  log.SignFrom(place, scene.controller);
  return place;
}

/// Only the fact tells of another verdict; the decision stays as it is.
std::size_t EditedGateLineSigned(Scene& scene) {
  const std::size_t place = scene.log.Find("decided app-1 for prod: deferred");
  scene.log.commits[place].Replace("Gate: approvals wait", "Gate: approvals pass");
  scene.log.SignFrom(place, scene.controller);
  return place;
}

template <typename Change>
std::size_t EditState(Scene& scene, const std::string& subject, Change change) {
  const std::size_t place = scene.log.FindLast(subject);
  const std::string environment = scene.log.commits[place].Written().fact.environment.text();
  EnvironmentState state = scene.log.State(place, environment);
  change(state);
  scene.log.PutState(place, environment, state);
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t EditedRunningSigned(Scene& scene) {
  return EditState(scene, "deployed app-1 to prod", [](EnvironmentState& state) {
    state.running = ReleaseName("app-9");
  });
}

std::size_t EditedRunningByAForeignKey(Scene& scene) {
  const std::size_t place = EditedRunningSigned(scene);
  scene.log.SignFrom(place, scene.foreign);
  return place;
}

std::size_t EditedHealthSigned(Scene& scene) {
  return EditState(scene, "deployed app-1 to prod", [](EnvironmentState& state) {
    state.health = Health::kUnknown;
  });
}

std::size_t EditedDriftSigned(Scene& scene) {
  return EditState(scene, "deployed app-1 to prod", [](EnvironmentState& state) {
    state.drift = Drift::kDrifted;
  });
}

std::size_t EditedOrderSigned(Scene& scene) {
  return EditState(scene, "promoted app-1 to prod", [](EnvironmentState& state) {
    state.decided.release = ReleaseName("app-9");
  });
}

std::size_t EditedApprovalSigned(Scene& scene) {
  return EditState(scene, "approved app-1 for prod", [](EnvironmentState& state) {
    state.approvals.back().person = Person{"Eve", "eve@example.com"};
  });
}

std::size_t EditedHistorySigned(Scene& scene) {
  return EditState(scene, "deployed app-1 to prod", [](EnvironmentState& state) {
    state.history.back().end = DeploymentEnd::kFailed;
  });
}

std::size_t HiddenKeyInAFileSigned(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  std::string json = scene.log.File(place, "recette/app.json");
  json.insert(json.find("\"sequence\""), "\"note\": \"x\",\n ");
  scene.log.PutFile(place, "recette/app.json", json);
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t EditedReleaseNumberSigned(Scene& scene) {
  const std::size_t place = scene.log.Find("released app-1");
  ProjectState state = ReadProjectState(scene.log.File(place, "projects/app.json")).value();
  state.releases = 40;
  scene.log.PutFile(place, "projects/app.json", WriteJson(state));
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t Unsigned(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  scene.log.commits[place].signature.reset();
  return place;
}

std::size_t ForeignKey(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  scene.log.commits[place].key = &scene.foreign;
  return place;
}

/// Allowed by main, but no fact hands the log over to it.
std::size_t AnotherAllowedKey(Scene& scene) {
  scene.scope.controllers = AllowedSigners::Parse("controller " + scene.controller.PublicLine() +
                                                  "\nother " + scene.foreign.PublicLine() + "\n")
                                .value();
  return ForeignKey(scene);
}

AllowedSigners Signers(const SigningKey& key) {
  return AllowedSigners::Parse("someone " + key.PublicLine() + "\n").value();
}

/// The person's key stands in allowed_signers, by mistake, and signed from the first commit on.
std::size_t PersonsKey(Scene& scene) {
  scene.log.SignFrom(0, scene.person);
  scene.scope.controllers = Signers(scene.person);
  scene.scope.people = Signers(scene.person);
  return 0;
}

std::size_t ReplayedCommit(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  scene.log.commits.push_back(scene.log.commits[place]);
  return scene.log.commits.size() - 1;
}

/// With the right number, the state as it was then, and a good signature.
std::size_t ReplayedCommitNumberedAndSigned(Scene& scene) {
  ForgedLog& log = scene.log;
  const std::size_t old = log.Find(kDeployed);
  const std::size_t last = log.commits.size();
  ForgedCommit again = log.commits[old];
  again.tree = log.commits.back().tree;
  again.committer = log.commits.back().committer;
  log.commits.push_back(again);
  log.PutFile(last, "recette/app.json", log.File(old, "recette/app.json"));
  again.Replace("Sequence: " + std::to_string(old + 1), "Sequence: " + std::to_string(last + 1));
  log.commits[last].message = again.message;
  EnvironmentState state = log.State(old, "recette");
  state.sequence = static_cast<long>(last) + 1;
  log.PutState(last, "recette", state);
  log.SignFrom(last, scene.controller);
  return last;
}

std::size_t SecondRoot(Scene& scene) {
  const std::size_t place = scene.log.commits.size() - 1;
  scene.log.commits[place].root = true;
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t SecondRootMerged(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  scene.log.commits[place].more_parents = {scene.log.commits[0].id};
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t KeyValidLater(Scene& scene) {
  scene.scope.controllers = AllowedSigners::Parse("controller valid-after=\"20990101Z\" " +
                                                  scene.controller.PublicLine() + "\n")
                                .value();
  return 0;
}

std::size_t ForgedRecoveredSigned(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  scene.log.commits[place].message += "Recovered: true\n";
  scene.log.SignFrom(place, scene.controller);
  return place;
}

/// A log of two starts, one release, three environments and two approvals.
class TamperedLog : public testing::TestWithParam<Tampering> {
 protected:
  static void SetUpTestSuite() {
    world_ = new LadderWorld;
    world_->PassRun({});
    world_->Turn();
    world_->Restart();
    world_->Turn();
    world_->Ask("promote", "prod", "app-1", "dana@example.com");
    world_->Ask("approve", "prod", "app-1", "alice@example.com");
    world_->Ask("approve", "prod", "app-1", "bob@example.com");
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }
  TamperedLog()
      : log_(world_->operations.origin(), folder_.path()),
        foreign_(SigningKey::Generate(folder_.path() / "foreign", "eve")),
        person_(SigningKey::Generate(folder_.path() / "person", "alice")),
        scene_{log_, world_->key, foreign_, person_, {}} {
    scene_.scope.controllers = Signers(world_->key);
  }
  AuditReport Verify() {
    return VerifyLog(log_.repository, log_.repository.Ref(kDeployLogRef), scene_.scope);
  }

  static LadderWorld* world_;
  TemporaryFolder folder_;
  ForgedLog log_;
  SigningKey foreign_;
  SigningKey person_;
  Scene scene_;
};
LadderWorld* TamperedLog::world_ = nullptr;

TEST_P(TamperedLog, IsFoundAndNamed) {
  const CommitId dropped = log_.commits.back().id;
  const std::size_t place = GetParam().apply(scene_);
  log_.Write();
  const AuditReport report = Verify();
  const CommitId named = place < log_.commits.size() ? log_.commits[place].id : dropped;
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.problems.front().commit, named) << WriteJson(report);
  std::vector<std::string> kinds;
  for (const AuditProblem& problem : report.problems) {
    if (problem.commit == named) {
      kinds.push_back(Word(problem.kind));
    }
  }
  EXPECT_THAT(kinds, Contains(Word(GetParam().kind))) << WriteJson(report);
}

std::string NameOf(const testing::TestParamInfo<Tampering>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Of,
    TamperedLog,
    testing::Values(
        Tampering{"RewrittenMessage", AuditKind::kRewritten, RewrittenMessage},
        Tampering{"RewrittenMessageSigned", AuditKind::kRewritten, RewrittenMessageSigned},
        Tampering{"RewrittenAuthor", AuditKind::kRewritten, RewrittenAuthor},
        Tampering{"RewrittenAuthorSigned", AuditKind::kRewritten, RewrittenAuthorSigned},
        Tampering{"RewrittenDateSigned", AuditKind::kDate, RewrittenDateSigned},
        Tampering{"WrittenBeforeItsParentSigned", AuditKind::kDate, WrittenBeforeItsParentSigned},
        Tampering{"OrderOfCommits", AuditKind::kSequence, OrderOfCommits},
        Tampering{"OrderOfCommitsSigned", AuditKind::kSequence, OrderOfCommitsSigned},
        Tampering{"OrderOfCommitsNumberedAndSigned",
                  AuditKind::kRewritten,
                  OrderOfCommitsNumberedAndSigned},
        Tampering{"DroppedNewest", AuditKind::kCutOff, DroppedNewest},
        Tampering{"DroppedMiddle", AuditKind::kSequence, DroppedMiddle},
        Tampering{"DroppedMiddleSigned", AuditKind::kSequence, DroppedMiddleSigned},
        Tampering{"DroppedApprovalNumberedAndSigned",
                  AuditKind::kRewritten,
                  DroppedApprovalNumberedAndSigned},
        Tampering{"SwappedRecord", AuditKind::kRecord, SwappedRecord},
        Tampering{"SwappedRecordSigned", AuditKind::kRecord, SwappedRecordSigned},
        Tampering{"RecordSwappedWhereItIsAddedSigned",
                  AuditKind::kRecord,
                  RecordSwappedWhereItIsAddedSigned},
        Tampering{"SwappedDecisionSigned", AuditKind::kDecision, SwappedDecisionSigned},
        Tampering{"SwappedDecisionFileSigned", AuditKind::kDecision, SwappedDecisionFileSigned},
        Tampering{"EditedVerdictSigned", AuditKind::kDecision, EditedVerdictSigned},
        Tampering{"EditedGateLineSigned", AuditKind::kDecision, EditedGateLineSigned},
        Tampering{"EditedRunningSigned", AuditKind::kRewritten, EditedRunningSigned},
        Tampering{"EditedRunningByAForeignKey", AuditKind::kForeignKey, EditedRunningByAForeignKey},
        Tampering{"EditedHealthSigned", AuditKind::kRewritten, EditedHealthSigned},
        Tampering{"EditedDriftSigned", AuditKind::kRewritten, EditedDriftSigned},
        Tampering{"EditedOrderSigned", AuditKind::kRewritten, EditedOrderSigned},
        Tampering{"EditedApprovalSigned", AuditKind::kRewritten, EditedApprovalSigned},
        Tampering{"EditedHistorySigned", AuditKind::kRewritten, EditedHistorySigned},
        Tampering{"HiddenKeyInAFileSigned", AuditKind::kRewritten, HiddenKeyInAFileSigned},
        Tampering{"EditedReleaseNumberSigned", AuditKind::kRewritten, EditedReleaseNumberSigned},
        Tampering{"Unsigned", AuditKind::kUnsigned, Unsigned},
        Tampering{"ForeignKey", AuditKind::kForeignKey, ForeignKey},
        Tampering{"AnotherAllowedKey", AuditKind::kForeignKey, AnotherAllowedKey},
        Tampering{"PersonsKey", AuditKind::kForeignKey, PersonsKey},
        Tampering{"ReplayedCommit", AuditKind::kSequence, ReplayedCommit},
        Tampering{"ReplayedCommitNumberedAndSigned",
                  AuditKind::kRewritten,
                  ReplayedCommitNumberedAndSigned},
        Tampering{"SecondRoot", AuditKind::kSequence, SecondRoot},
        Tampering{"SecondRootMerged", AuditKind::kRewritten, SecondRootMerged},
        Tampering{"KeyValidLater", AuditKind::kForeignKey, KeyValidLater},
        Tampering{"ForgedRecoveredSigned", AuditKind::kOrphan, ForgedRecoveredSigned}),
    NameOf);

class UntouchedLog : public TamperedLog {};

TEST_F(UntouchedLog, IsCleanAndWrittenAgainTheSame) {
  const CommitId head = log_.commits.back().id;
  scene_.scope.expect = head;
  scene_.scope.people = Signers(person_);
  log_.Write();
  EXPECT_EQ(log_.commits.back().id, head);
  const AuditReport report = Verify();
  EXPECT_TRUE(report.ok()) << WriteJson(report);
  EXPECT_EQ(report.commits, log_.commits.size());
}

TEST_F(UntouchedLog, IsCleanFromEveryPlaceOn) {
  for (const ForgedCommit& commit : log_.commits) {
    scene_.scope.since = commit.id;
    const AuditReport report = Verify();
    EXPECT_TRUE(report.ok()) << commit.message << WriteJson(report);
  }
}

TEST_F(UntouchedLog, IsReportedTheSameByAnyNumberOfThreads) {
  EditedRunningSigned(scene_);
  EditedGateLineSigned(scene_);
  log_.Write();
  scene_.scope.threads = 1;
  const std::string one = WriteJson(Verify());
  for (const std::size_t threads : {2U, 5U}) {
    scene_.scope.threads = threads;
    EXPECT_EQ(WriteJson(Verify()), one);
  }
}

TEST_F(UntouchedLog, IsTrustedUpToWhereTheAuditBeginsOnly) {
  const std::size_t place = EditedRunningSigned(scene_);
  log_.Write();
  scene_.scope.since = log_.commits[place - 1].id;
  EXPECT_EQ(Verify().problems.front().commit, log_.commits[place].id);
  scene_.scope.since = log_.commits.back().id;
  EXPECT_TRUE(Verify().ok());
}

TEST_F(UntouchedLog, DoesNotBeginAtACommitOfAnotherPlace) {
  scene_.scope.since = *log_.repository.Ref(kMainRef);
  const AuditReport report = Verify();
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems.front().kind, AuditKind::kCutOff);
  EXPECT_EQ(report.commits, log_.commits.size());
}

}  // namespace
}  // namespace failgate
