#include "controller/promotion/assessment.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/promotion/check_facts.h"
#include "controller/promotion/comparison_runs.h"
#include "controller/promotion/wanted.h"

namespace failgate {
namespace {

constexpr std::size_t kShortCommit = 12;

/// What the state alone says, when no candidate is on its way.
PairState Standing(const EnvironmentState& state) {
  if (!state.stopped.empty()) {
    return PairState::kStopped;
  }
  if (!state.decided.release.empty() && !state.decided.finished) {
    return state.decided.removes ? PairState::kRemoving : PairState::kDeploying;
  }
  if (state.decided.removes) {
    return PairState::kFailed;
  }
  if (state.drift == Drift::kDrifted) {
    return PairState::kDrifted;
  }
  const HistoryEntry* end = state.LastEnd(state.decided.release);
  if (state.health == Health::kUnhealthy ||
      (end != nullptr && end->end == DeploymentEnd::kFailed)) {
    return PairState::kFailed;
  }
  return state.running.empty() ? PairState::kNothing : PairState::kRunning;
}

/// A comparison that is no longer one is repeated by the controller; else a person is asked.
std::string CommandForModel(const Situation& situation,
                            const GateVerdict& verdict,
                            const ReleaseName& release,
                            const EnvironmentProject& pair) {
  if (verdict.verdict == Verdict::kWait) {
    return verdict.reason.find(kAsksAPerson) == std::string::npos
               ? std::string("failgate runs list")
               : fmt::format("failgate approve {} {}", release.text(), pair.first.text());
  }
  const auto record = situation.Record(release);
  return record ? fmt::format("failgate runs show {}", record->run.text()) : std::string();
}

std::string CommandFor(const Situation& situation,
                       const GateVerdict& verdict,
                       const ReleaseName& release,
                       const EnvironmentProject& pair) {
  if (verdict.gate == "approvals") {
    const char* verb = verdict.verdict == Verdict::kFail ? "withdraw" : "approve";
    return fmt::format("failgate {} {} {}", verb, release.text(), pair.first.text());
  }
  if (verdict.gate == "after") {
    const auto after = situation.PolicyOf(pair).after;
    return after ? fmt::format("failgate why {} {}", pair.second.text(), after->text())
                 : std::string();
  }
  if (verdict.gate == "soak") {
    const Policy policy = situation.PolicyOf(pair);
    return policy.soak
               ? fmt::format(
                     "failgate why {} {}", pair.second.text(), policy.soak->soaks.front().in.text())
               : std::string();
  }
  if (verdict.gate == "tests" || verdict.gate == "coverage" || verdict.gate == "max_duration") {
    const auto record = situation.Record(release);
    return record ? fmt::format("failgate runs show {}", record->run.text()) : std::string();
  }
  if (verdict.gate == "model") {
    return CommandForModel(situation, verdict, release, pair);
  }
  const bool program = verdict.gate == "checks" || verdict.gate.rfind("command", 0) == 0;
  if (program && verdict.verdict == Verdict::kFail) {
    return fmt::format("failgate retry {} {}", pair.second.text(), pair.first.text());
  }
  return {};
}

/// Whether these verdicts are the same at any later time. A gate that is not named here may ask the
/// time, so it is asked again.
bool StaysSo(const Policy& policy, const DecisionRecord& record) {
  const Facts& facts = record.facts;
  const bool timeless_approvals =
      !(policy.approvals && policy.approvals->expires) &&
      std::none_of(facts.approvals.begin(), facts.approvals.end(), [&](const ApprovalFact& act) {
        return act.expires || act.at > facts.now;
      });
  const auto is_timeless = [&](const GateVerdict& verdict) {
    const std::string& gate = verdict.gate;
    const bool approvals = gate == "approvals" && timeless_approvals;
    const bool known =
        gate == "except" || gate == "policy" || gate == "after" || gate == "tests" ||
        gate == "coverage" || gate == "max_duration" || gate == "repeatable" ||
        gate == "regression_test" || gate == "signed" || gate == "requirements" ||
        gate == "consistency" || gate == "data" || approvals ||
        (gate == "model" && timeless_approvals && verdict.verdict != Verdict::kWait) ||
        (gate == "artifacts" && policy.artifacts->waivers.empty());
    return known && !verdict.until;
  };
  const auto& verdicts = record.decision.verdicts;
  return std::all_of(verdicts.begin(), verdicts.end(), is_timeless) && facts.overrides.empty() &&
         (facts.authors_known || !AsksForAuthors(policy)) &&
         (!facts.signed_commits || facts.signed_commits->known) &&
         (!facts.requirements || facts.requirements->known);
}

bool IsOnItsWay(const Assessment& assessment) {
  return assessment.state == PairState::kDeploying || assessment.state == PairState::kRemoving;
}

void AddNext(Assessment& assessment, std::string command) {
  if (!command.empty()) {
    assessment.next.push_back(std::move(command));
  }
}

/// Keeps the earliest time at which something may end by itself.
void NoteUntil(std::optional<TimePoint> until, Assessment& assessment) {
  if (until && (!assessment.until || *until < *assessment.until)) {
    assessment.until = until;
  }
}

void NoteUntil(const Decision& decision, Assessment& assessment) {
  for (const GateVerdict& verdict : decision.verdicts) {
    NoteUntil(verdict.until, assessment);
  }
}

void TellOfCandidate(const Situation& situation,
                     const JudgedCandidate& judged,
                     Assessment& assessment) {
  const Decision& decision = judged.record.decision;
  assessment.release = judged.candidate.release;
  assessment.gates = decision.verdicts;
  for (const GateVerdict& verdict : decision.verdicts) {
    if (verdict.verdict != Verdict::kPass && verdict.mode == GateMode::kEnforce) {
      assessment.text += fmt::format(
          "{}{}: {}", assessment.text.empty() ? "" : "; ", verdict.gate, verdict.reason);
      AddNext(assessment,
              CommandFor(situation, verdict, judged.candidate.release, judged.candidate.pair));
    }
  }
  switch (decision.outcome) {
    case Outcome::kPassed:
      assessment.state = PairState::kDeploying;
      break;
    case Outcome::kBlocked:
      assessment.state = PairState::kBlocked;
      break;
    case Outcome::kDeferred:
      assessment.state = PairState::kWaiting;
      break;
  }
  if (assessment.text.empty()) {
    assessment.text = fmt::format("{} passed every gate", judged.candidate.release.text());
  }
}

/// Under delivery without a wish: what a person could name.
void SuggestPromotion(const Situation& situation,
                      const EnvironmentProject& pair,
                      const EnvironmentState& state,
                      Assessment& assessment) {
  const auto releases = situation.log.NewestReleases(pair.second, 0, 1);
  if (!releases.empty() && ReleaseNumber(releases.front()) > ReleaseNumber(state.running)) {
    AddNext(assessment,
            fmt::format("failgate promote {} {}", releases.front().text(), pair.first.text()));
  }
}

/// The gates of what a person could ask for next, so that `why` answers before anybody asked.
void ShowGatesOfNewest(const Situation& situation,
                       const EnvironmentProject& pair,
                       const EnvironmentState& state,
                       AssessedPair& assessed) {
  const auto releases = situation.log.NewestReleases(pair.second, 0, 1);
  if (releases.empty() || releases.front() == state.running ||
      ReleaseNumber(releases.front()) < ReleaseNumber(state.running)) {
    return;
  }
  const Candidate candidate{
      pair, releases.front(), SpecDigest(situation.DeploymentOf(pair)), std::nullopt, false};
  if (const auto record = Judge(situation, candidate)) {
    assessed.lasts = assessed.lasts && StaysSo(situation.PolicyOf(pair), *record);
    assessed.assessment.release = candidate.release;
    assessed.assessment.gates = record->decision.verdicts;
    NoteUntil(record->decision, assessed.assessment);
  }
}

void TellOfNothing(const Situation& situation,
                   const EnvironmentProject& pair,
                   const EnvironmentState& state,
                   const CandidateChoice& choice,
                   AssessedPair& assessed) {
  Assessment& assessment = assessed.assessment;
  assessment.text = choice.nothing;
  assessment.release = state.running.empty() ? state.decided.release : state.running;
  const WantedRelease wanted =
      Wanted(situation.EnvironmentOf(pair).floor.last_step, situation.DesiredOf(pair));
  const bool stands =
      assessment.state == PairState::kFailed || assessment.state == PairState::kStopped;
  const HistoryEntry* end = state.EndOf(state.running, state.running_spec);
  const bool sick = assessment.state == PairState::kFailed && !state.running.empty() &&
                    end != nullptr && end->end == DeploymentEnd::kHealthy &&
                    state.running == state.decided.release;
  if (sick) {
    assessment.text = fmt::format("{} is not healthy{}{}",
                                  state.running.text(),
                                  choice.nothing.empty() ? "" : "; ",
                                  choice.nothing);
  }
  if (!choice.command.empty()) {
    AddNext(assessment, choice.command);
  } else if (sick) {
    AddNext(
        assessment,
        fmt::format("failgate rollback {} {} -m REASON", pair.second.text(), pair.first.text()));
  } else if (stands) {
    AddNext(assessment, fmt::format("failgate retry {} {}", pair.second.text(), pair.first.text()));
  }
  const bool unnamed =
      wanted.kind == WantedRelease::Kind::kNothing || wanted.kind == WantedRelease::Kind::kNone;
  if (unnamed && choice.command.empty() && !IsOnItsWay(assessment)) {
    SuggestPromotion(situation, pair, state, assessment);
    ShowGatesOfNewest(situation, pair, state, assessed);
  }
}

/// A commit that is nobody's may neither hold nor resume.
CandidateChoice::Refused RefusedHold(const EnvironmentProject& pair,
                                     const ReleaseName& running,
                                     const HoldLook& look) {
  const bool resumes = look.hold.has_value();
  const std::string names = pair.second.text() + " " + pair.first.text();
  CandidateChoice::Refused refused;
  refused.release = running;
  refused.wish = *look.refused;
  refused.command =
      resumes ? ResumeCommand(pair) : fmt::format("failgate hold {} -m REASON", names);
  refused.why = fmt::format("{} may not {}: use {}, or take the change back (git revert {})",
                            look.who,
                            resumes ? "change or end a hold" : "hold",
                            refused.command,
                            look.refused->commit.text().substr(0, kShortCommit));
  refused.subject = fmt::format("refused to {} {} in {}",
                                resumes ? "end the hold of" : "hold",
                                pair.second.text(),
                                pair.first.text());
  return refused;
}

/// People's ways back and removals are not held up by it; what it tells stands beside them.
void TellOfRefusedHold(CandidateChoice::Refused refused, AssessedPair& assessed) {
  Assessment& assessment = assessed.assessment;
  assessment.text += "; " + refused.why;
  AddNext(assessment, refused.command);
  assessed.refused = std::move(refused);
}

void TellOfRefusal(CandidateChoice::Refused refused, AssessedPair& assessed) {
  Assessment& assessment = assessed.assessment;
  assessment.state = PairState::kRefused;
  assessment.text = refused.why;
  assessment.release = refused.release;
  AddNext(assessment, refused.command);
  assessed.refused = std::move(refused);
}

/// What nobody may ask for ends by itself too when its own time is over.
void NoteRefusedUntil(const Situation& situation,
                      const EnvironmentProject& pair,
                      AssessedPair& assessed) {
  const Desired* desired = situation.DesiredOf(pair);
  if (desired != nullptr && desired->hold && desired->hold->until) {
    NoteUntil(desired->hold->until, assessed.assessment);
    assessed.lasts = false;
  }
}

/// In order, up to the first that passes; what has no record is told in `choice`.
void JudgeCandidates(const Situation& situation,
                     const EnvironmentProject& pair,
                     CandidateChoice& choice,
                     AssessedPair& assessed) {
  bool checks_wanted = false;  // of the first that they may let in: the others may not be needed
  bool comparison_wanted = false;
  for (Candidate& candidate : choice.candidates) {
    auto record = Judge(situation, candidate);
    if (!record) {
      choice.nothing = fmt::format("there is no release {}", candidate.release.text());
      choice.command = "failgate releases " + pair.second.text();
      continue;
    }
    assessed.lasts = assessed.lasts && StaysSo(situation.PolicyOf(pair), *record);
    NoteUntil(record->decision, assessed.assessment);
    const bool passed = record->decision.outcome == Outcome::kPassed;
    if (!passed && !checks_wanted) {
      checks_wanted = WantChecks(situation, *record, situation.PolicyOf(pair));
    }
    if (!passed && !comparison_wanted) {
      comparison_wanted = WantComparison(situation, *record, situation.PolicyOf(pair));
    }
    assessed.judged.push_back(MakeJudged(std::move(candidate), std::move(*record)));
    if (passed) {
      break;
    }
  }
}

/// What a hold adds to what is told already.
void TellOfHold(const StandingHold& hold, const EnvironmentProject& pair, AssessedPair& assessed) {
  Assessment& assessment = assessed.assessment;
  const bool still = assessed.judged.empty() && !IsOnItsWay(assessment);
  if (still) {
    assessment.state = PairState::kHeld;
    assessment.next.clear();
    assessment.gates.clear();
  }
  NoteUntil(hold.until, assessment);
  assessment.text = still ? HoldText(hold) : assessment.text + "; " + HoldText(hold);
  AddNext(assessment, ResumeCommand(pair));
}

}  // namespace

std::string Word(PairState state) {
  switch (state) {
    case PairState::kNothing:
      return "nothing";
    case PairState::kRunning:
      return "running";
    case PairState::kWaiting:
      return "waiting";
    case PairState::kBlocked:
      return "blocked";
    case PairState::kDeploying:
      return "deploying";
    case PairState::kRemoving:
      return "removing";
    case PairState::kFailed:
      return "failed";
    case PairState::kDrifted:
      return "drifted";
    case PairState::kStopped:
      return "stopped";
    case PairState::kRefused:
      return "refused";
    case PairState::kHeld:
      return "held";
    case PairState::kInvalid:
      return "invalid";
  }
  return "";
}

AssessedPair Assess(const Situation& situation,
                    const EnvironmentProject& pair,
                    WishFinder& wishes) {
  AssessedPair assessed;
  Assessment& assessment = assessed.assessment;
  const EnvironmentState state = situation.log.Environment(pair.first, pair.second);
  assessment.state = Standing(state);
  assessment.release = state.running;
  assessment.problems = situation.ProblemsFor(pair);
  const HoldLook held = LookAtHold(situation, pair, state, wishes);
  assessed.hold = held.change;
  assessed.lasts = !(held.hold && held.hold->until);
  if (!assessment.problems.empty()) {
    assessment.state = PairState::kInvalid;
    assessment.text = Describe(assessment.problems.front());
    AddNext(assessment, "failgate validate " + assessment.problems.front().file);
    if (held.hold) {
      NoteUntil(held.hold->until, assessment);
    }
    return assessed;
  }
  if (held.refused) {
    NoteRefusedUntil(situation, pair, assessed);
  }
  assessed.approvals = LookAtApprovals(situation, pair, state, wishes);
  if (!assessed.approvals.empty()) {
    assessment.text = fmt::format("{} approval files of main are new", assessed.approvals.size());
    assessed.lasts = false;
    return assessed;
  }
  const bool acts = !held.hold && !held.refused;
  CandidateChoice choice =
      ChooseCandidates(situation, pair, acts ? Automation::kActs : Automation::kHeld, wishes);
  if (held.refused && choice.candidates.empty() && !choice.removal) {
    TellOfRefusal(RefusedHold(pair, state.running, held), assessed);
    return assessed;
  }
  if (choice.refused) {
    TellOfRefusal(std::move(*choice.refused), assessed);
    return assessed;
  }
  if (choice.reserved) {
    NoteUntil(choice.until, assessment);
    assessed.lasts = false;
  }
  if (choice.removal) {
    assessed.removal = std::move(choice.removal);
    assessment.state = PairState::kRemoving;
  }
  JudgeCandidates(situation, pair, choice, assessed);
  if (assessed.judged.empty()) {
    TellOfNothing(situation, pair, state, choice, assessed);
  } else {
    const JudgedCandidate& last = assessed.judged.back();
    const bool promoted = last.record.decision.outcome == Outcome::kPassed;
    TellOfCandidate(situation, promoted ? last : assessed.judged.front(), assessment);
  }
  for (const std::string& refused :
       RefusedApprovals(situation, state, pair.first, assessment.release)) {
    assessment.text += (assessment.text.empty() ? "" : "; ") + refused;
  }
  if (held.hold) {
    TellOfHold(*held.hold, pair, assessed);
  }
  if (held.refused) {
    TellOfRefusedHold(RefusedHold(pair, state.running, held), assessed);
  }
  return assessed;
}

}  // namespace failgate
