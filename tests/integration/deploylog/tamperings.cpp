#include "tests/integration/deploylog/tamperings.h"

#include <ostream>

#include "controller/deploylog/people_state.h"
#include "policies/decision_json.h"

namespace failgate {
namespace {

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

/// Its data came out of git, whose authors are known.
std::size_t DataWithoutAuthorSigned(Scene& scene) {
  const std::size_t place = scene.log.Find("released app-1");
  scene.log.commits[place].Replace("\nRun: ", "\nAuthored-by: unknown\nRun: ");
  scene.log.SignFrom(place, scene.controller);
  return place;
}

/// A decision that deferred is made to pass, under a name of its own, and its fact tells the same.
/// The verdicts stay what they were: only the record tells that the metric is another.
std::size_t EditedMetricSigned(Scene& scene) {
  ForgedLog& log = scene.log;
  const std::size_t place = log.Find("decided app-1 for prod: deferred");
  const std::string named = log.commits[place].Written().Value("Decision").value();
  auto record = DecisionRecordFromJson(log.File(place, *DecisionPath(named))).value();
  record.facts.evidence.metrics["auc"] = 0.99;
  const std::string bytes = DecisionRecordToJson(record);
  log.commits[place].Replace(named, DecisionName(bytes));
  log.PutFile(place, *DecisionPath(DecisionName(bytes)), bytes);
  log.SignFrom(place, scene.controller);
  return place;
}

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

constexpr const char* kTokenCreated = "token created for Alice Martin";

/// Somebody who never got a token has one, by the file alone.
std::size_t AddedTokenSigned(Scene& scene) {
  const std::size_t place = scene.log.Find(kTokenCreated);
  PeopleState people = *ReadPeopleState(scene.log.File(place, kPeoplePath));
  people.tokens["0193"] = people.tokens.begin()->second;
  scene.log.PutFile(place, kPeoplePath, WriteJson(people));
  scene.log.SignFrom(place, scene.controller);
  return place;
}

/// The fact says a lesser role than the token had.
std::size_t EditedTokenRoleSigned(Scene& scene) {
  const std::size_t place = scene.log.Find(kTokenCreated);
  scene.log.commits[place].Replace("Role: approver", "Role: viewer");
  scene.log.SignFrom(place, scene.controller);
  return place;
}

/// A token is taken away that its person never had.
std::size_t RevokedForeignTokenSigned(Scene& scene) {
  const std::size_t place = scene.log.Find("token revoked for Alice Martin");
  scene.log.commits[place].Replace("Person: Alice Martin <alice@", "Person: Eve <eve@");
  scene.log.SignFrom(place, scene.controller);
  return place;
}

/// A key of people_signers that no fact told of.
std::size_t AddedPersonsKeySigned(Scene& scene) {
  const std::size_t place = scene.log.Find(kTokenCreated);
  PeopleState people = *ReadPeopleState(scene.log.File(place, kPeoplePath));
  people.keys.insert("SHA256:eve eve@example.com");
  scene.log.PutFile(place, kPeoplePath, WriteJson(people));
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t EditedApprovalSigned(Scene& scene) {
  return EditState(scene, "approved app-1 for prod", [](EnvironmentState& state) {
    state.approvals.back().person = Person{"Eve", "eve@example.com"};
  });
}

constexpr const char* kEnds = "prod/app.ends/app-1.json";

std::size_t PutEnds(Scene& scene,
                    const std::string& subject,
                    const std::string& path,
                    const std::optional<std::string>& content) {
  const std::size_t place = scene.log.FindLast(subject);
  scene.log.PutFile(place, path, content);
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::string EndsOfApp1(const Scene& scene) {
  return scene.log.File(scene.log.FindLast("deployed app-1 to prod"), kEnds);
}

std::size_t EditedEndSigned(Scene& scene) {
  std::string ends = EndsOfApp1(scene);
  ends.replace(ends.find("healthy"), 7, "failed");
  return PutEnds(scene, "deployed app-1 to prod", kEnds, ends);
}

/// A soak that was longer than it was.
std::size_t EarlierSteadySigned(Scene& scene) {
  std::string ends = EndsOfApp1(scene);
  const std::size_t at = ends.find("\"steady\": \"20");
  Check(at != std::string::npos, "the ends tell since when app-1 is steady");
  ends.replace(at + 11, 4, "2001");
  return PutEnds(scene, "deployed app-1 to prod", kEnds, ends);
}

std::size_t RespacedEndSigned(Scene& scene) {
  return PutEnds(scene, "deployed app-1 to prod", kEnds, EndsOfApp1(scene) + " ");
}

std::size_t MissingEndSigned(Scene& scene) {
  return PutEnds(scene, "deployed app-1 to prod", kEnds, std::nullopt);
}

std::size_t RemovedEndSigned(Scene& scene) {
  return PutEnds(scene, "deployed app-1 to prod", "recette/app.ends/app-1.json", std::nullopt);
}

std::size_t AddedEndSigned(Scene& scene) {
  return PutEnds(scene, "promoted app-1 to prod", "prod/app.ends/app-9.json", EndsOfApp1(scene));
}

std::size_t AddedFileBesideTheEndsSigned(Scene& scene) {
  return PutEnds(scene, "deployed app-1 to prod", "prod/app.ends/notes.txt", "x");
}

/// As a former version would have written it, but the file before was not of one.
std::size_t EndsPutBackInsideSigned(Scene& scene) {
  MissingEndSigned(scene);
  return EditState(
      scene, "deployed app-1 to prod", [](EnvironmentState& state) { state.ends_inside = true; });
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

/// The person's key stands in allowed_signers, by mistake, and signed from the first commit on.
std::size_t PersonsKey(Scene& scene) {
  scene.log.SignFrom(0, scene.person);
  scene.scope.controllers = OnlyAllowed(scene.person);
  scene.scope.people = OnlyAllowed(scene.person);
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

}  // namespace

std::size_t ForgedRecoveredSigned(Scene& scene) {
  const std::size_t place = scene.log.Find(kDeployed);
  scene.log.commits[place].message += "Recovered: true\n";
  scene.log.SignFrom(place, scene.controller);
  return place;
}

/// Only the fact tells of another verdict; the decision stays as it is.
std::size_t EditedGateLineSigned(Scene& scene) {
  const std::size_t place = scene.log.Find("decided app-1 for prod: deferred");
  scene.log.commits[place].Replace("Gate: approvals wait", "Gate: approvals pass");
  scene.log.SignFrom(place, scene.controller);
  return place;
}

std::size_t EditedRunningSigned(Scene& scene) {
  return EditState(scene, "deployed app-1 to prod", [](EnvironmentState& state) {
    state.running = ReleaseName("app-9");
  });
}

void PrintTo(const Tampering& tampering, std::ostream* out) {
  *out << tampering.name;
}

AllowedSigners OnlyAllowed(const SigningKey& key) {
  return AllowedSigners::Parse("someone " + key.PublicLine() + "\n").value();
}

std::vector<Tampering> AllTamperings() {
  return {
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
      Tampering{"DataWithoutAuthorSigned", AuditKind::kRecord, DataWithoutAuthorSigned},
      Tampering{"SwappedDecisionSigned", AuditKind::kDecision, SwappedDecisionSigned},
      Tampering{"SwappedDecisionFileSigned", AuditKind::kDecision, SwappedDecisionFileSigned},
      Tampering{"EditedMetricSigned", AuditKind::kDecision, EditedMetricSigned},
      Tampering{"EditedVerdictSigned", AuditKind::kDecision, EditedVerdictSigned},
      Tampering{"EditedGateLineSigned", AuditKind::kDecision, EditedGateLineSigned},
      Tampering{"EditedRunningSigned", AuditKind::kRewritten, EditedRunningSigned},
      Tampering{"EditedRunningByAForeignKey", AuditKind::kForeignKey, EditedRunningByAForeignKey},
      Tampering{"EditedHealthSigned", AuditKind::kRewritten, EditedHealthSigned},
      Tampering{"EditedDriftSigned", AuditKind::kRewritten, EditedDriftSigned},
      Tampering{"EditedOrderSigned", AuditKind::kRewritten, EditedOrderSigned},
      Tampering{"EditedApprovalSigned", AuditKind::kRewritten, EditedApprovalSigned},
      Tampering{"AddedTokenSigned", AuditKind::kRewritten, AddedTokenSigned},
      Tampering{"EditedTokenRoleSigned", AuditKind::kRewritten, EditedTokenRoleSigned},
      Tampering{"RevokedForeignTokenSigned", AuditKind::kOrphan, RevokedForeignTokenSigned},
      Tampering{"AddedPersonsKeySigned", AuditKind::kRewritten, AddedPersonsKeySigned},
      Tampering{"EditedEndSigned", AuditKind::kRewritten, EditedEndSigned},
      Tampering{"EarlierSteadySigned", AuditKind::kRewritten, EarlierSteadySigned},
      Tampering{"RespacedEndSigned", AuditKind::kRewritten, RespacedEndSigned},
      Tampering{"MissingEndSigned", AuditKind::kRewritten, MissingEndSigned},
      Tampering{"RemovedEndSigned", AuditKind::kRewritten, RemovedEndSigned},
      Tampering{"AddedEndSigned", AuditKind::kRewritten, AddedEndSigned},
      Tampering{
          "AddedFileBesideTheEndsSigned", AuditKind::kRewritten, AddedFileBesideTheEndsSigned},
      Tampering{"EndsPutBackInsideSigned", AuditKind::kRewritten, EndsPutBackInsideSigned},
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
      Tampering{"ForgedRecoveredSigned", AuditKind::kOrphan, ForgedRecoveredSigned}};
}

}  // namespace failgate
