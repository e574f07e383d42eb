#include "controller/promotion/request_work.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/checks/check_desk.h"
#include "controller/promotion/candidates.h"
#include "controller/promotion/fact_drafts.h"
#include "controller/promotion/hold.h"
#include "controller/promotion/main_writer.h"
#include "controller/promotion/orders.h"
#include "controller/promotion/requested_work.h"
#include "controller/promotion/wanted.h"

namespace failgate {
namespace {

using Work = RequestedWork;

std::optional<RequestAnswer> RefusedByFiles(const Work& work) {
  const Problems problems = work.situation.ProblemsFor(work.pair);
  if (problems.empty()) {
    return std::nullopt;
  }
  return RefuseRequest(
      422,
      "invalid_policy",
      fmt::format(
          "{}: nothing is done for {} in {} until that is corrected on main; then ask again",
          Describe(problems.front()),
          work.pair.second.text(),
          work.pair.first.text()));
}

/// The verdict of the wish as if it stood on main already.
RequestAnswer WithVerdict(const Work& work, RequestAnswer answer, const DecisionRecord& judged) {
  static_cast<void>(work);
  answer.gates = judged.decision.verdicts;
  answer.outcome = Word(judged.decision.outcome);
  return answer;
}

Candidate WishedCandidate(const Work& work, const ReleaseName& release, bool rollback) {
  Wish wish;
  wish.requester = work.request.person;
  wish.by_api = true;
  wish.rollback = rollback;
  wish.reason = work.request.reason;
  wish.request = work.request.id;
  return Candidate{
      work.pair, release, SpecDigest(work.situation.DeploymentOf(work.pair)), wish, rollback};
}

/// A wish that a gate refuses changes nothing on main, but is in the log like every attempt.
RequestAnswer Blocked(const Work& work, const Candidate& candidate, DecisionRecord judged) {
  std::string why;
  for (const GateVerdict& verdict : judged.decision.verdicts) {
    if (verdict.verdict == Verdict::kFail && verdict.mode == GateMode::kEnforce) {
      why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", verdict.gate, verdict.reason);
    }
  }
  RequestAnswer answer = RefuseRequest(409, "gate_refused", why);
  answer = WithVerdict(work, std::move(answer), judged);
  work.log.Append({DecidedDraft(MakeJudged(candidate, std::move(judged)))});
  return answer;
}

/// The file may want it already, by a commit that is nobody's or asked for something else.
bool MustRestate(const Work& work, bool rollback) {
  const auto wish = WishFinder(OnlyController(work.key.PublicLine()))
                        .Find(work.situation.operations, work.situation.main, work.pair);
  return !wish || !wish->by_api || wish->rollback != rollback;
}

RequestAnswer Promote(const Work& work) {
  const ReleaseName& release = work.request.release;
  if (!Includes(work.request.role, Role::kApprover) &&
      !AsksForApprovals(work.situation.PolicyOf(work.pair))) {
    return RefuseRequest(403,
                         "forbidden",
                         fmt::format("no approval of others is needed in {}, so naming a release "
                                     "there asks the role approver",
                                     work.pair.first.text()));
  }
  if (!work.state.running.empty() && ReleaseNumber(release) < ReleaseNumber(work.state.running)) {
    return RefuseRequest(409,
                         "older_release",
                         fmt::format("{} is older than {}, which runs in {}: use failgate rollback "
                                     "{} {} --to {} -m REASON",
                                     release.text(),
                                     work.state.running.text(),
                                     work.pair.first.text(),
                                     work.pair.second.text(),
                                     work.pair.first.text(),
                                     release.text()));
  }
  const Candidate candidate = WishedCandidate(work, release, false);
  auto judged = Judge(work.situation, candidate);
  if (!judged) {
    return NoSuchThing("release " + release.text());
  }
  if (judged->decision.outcome == Outcome::kBlocked) {
    return Blocked(work, candidate, std::move(*judged));
  }
  MainEdit edit;
  edit.restate = MustRestate(work, false);
  edit.subject = fmt::format("Want {} in {}", release.text(), work.pair.first.text());
  edit.edit = [&](const std::optional<std::string>& text) {
    return SetRelease(work.pair.first, work.pair.second, text, release.text());
  };
  const bool waits = judged->decision.outcome == Outcome::kDeferred;
  const auto held = HeldBecause(work);
  const std::string until =
      held    ? fmt::format(" and waits until {}: it is {}", ResumeCommand(work.pair), *held)
      : waits ? " and waits"
              : "";
  auto answer = WriteDesired(
      work,
      std::move(edit),
      fmt::format("{} is wanted in {}{}", release.text(), work.pair.first.text(), until));
  if (answer.refused()) {
    return answer;
  }
  answer = WithVerdict(work, std::move(answer), *judged);
  answer.outcome = held ? Word(Outcome::kDeferred) : answer.outcome;
  return answer;
}

/// The release a rollback goes to: the one named, or what ran well before.
Result<ReleaseName, RequestAnswer> RollbackTarget(const Work& work) {
  const EnvironmentState& state = work.state;
  if (state.running.empty()) {
    return RefuseRequest(
        409, "nothing_runs", fmt::format("nothing runs in {}", work.pair.first.text()));
  }
  if (work.request.release.empty()) {
    for (auto entry = state.history.rbegin(); entry != state.history.rend(); ++entry) {
      if (entry->end == DeploymentEnd::kHealthy && entry->release != state.running) {
        return entry->release;
      }
    }
    return RefuseRequest(409,
                         "no_way_back",
                         fmt::format("no earlier release ran well in {}", work.pair.first.text()));
  }
  const HistoryEntry* end = state.LastEnd(work.request.release);
  if (work.request.release == state.running) {
    return RefuseRequest(409, "runs_already", fmt::format("{} runs already", state.running.text()));
  }
  if (end != nullptr && end->end == DeploymentEnd::kRolledBack) {
    return RefuseRequest(
        409,
        "rolled_back",
        fmt::format("{} was taken back in {} and is never chosen there again: a new "
                    "release must replace it",
                    work.request.release.text(),
                    work.pair.first.text()));
  }
  if (end == nullptr || end->end != DeploymentEnd::kHealthy) {
    return RefuseRequest(409,
                         "never_healthy",
                         fmt::format("{} never ran well in {}: name one that did",
                                     work.request.release.text(),
                                     work.pair.first.text()));
  }
  return work.request.release;
}

/// Under `newest` only exceptions lead back: of what runs, and of what ran well since the target.
std::vector<ReleaseName> ToExcept(const Work& work, const ReleaseName& target, bool newest) {
  std::vector<ReleaseName> bad{work.state.running};
  for (const HistoryEntry& entry : work.state.history) {
    const bool between = ReleaseNumber(entry.release) > ReleaseNumber(target);
    if (newest && between && entry.release != work.state.running &&
        entry.end == DeploymentEnd::kHealthy) {
      bad.push_back(entry.release);
    }
  }
  return bad;
}

/// The bad release may share the ingredient that is blamed with the one to go back to.
std::optional<RequestAnswer> ExceptsItsOwnTarget(const Work& work,
                                                 const ReleaseName& target,
                                                 Because because) {
  const auto bad = work.situation.Record(work.state.running);
  const auto good = work.situation.Record(target);
  if (!bad || !good || !SharesIngredient(because, *bad, *good)) {
    return std::nullopt;
  }
  return RefuseRequest(409,
                       "because_hits_target",
                       fmt::format("{} has the same {} as {}: it would be excepted too, name "
                                   "another cause with --because",
                                   target.text(),
                                   Word(because),
                                   bad->name.text()));
}

RequestAnswer Rollback(const Work& work) {
  if (work.request.reason.empty()) {
    return RefuseRequest(422, "reason_missing", "a rollback asks a reason: add -m TEXT");
  }
  const auto target = RollbackTarget(work);
  if (!target) {
    return target.error();
  }
  const auto because =
      ParseBecause(work.request.options_json.empty() ? "both" : work.request.options_json);
  if (!because) {
    return RefuseRequest(422, "bad_because", "because is one of code, data, both, all");
  }
  if (auto refused = ExceptsItsOwnTarget(work, *target, *because)) {
    return *refused;
  }
  const Candidate candidate = WishedCandidate(work, *target, true);
  auto judged = Judge(work.situation, candidate);
  if (!judged) {
    return NoSuchThing("release " + target->text());
  }
  if (judged->decision.outcome == Outcome::kBlocked) {
    return Blocked(work, candidate, std::move(*judged));
  }
  const WantedRelease wanted = Wanted(work.situation.EnvironmentOf(work.pair).floor.last_step,
                                      work.situation.DesiredOf(work.pair));
  const bool newest = wanted.kind == WantedRelease::Kind::kNewest;
  MainEdit edit;
  edit.kind = "rollback";
  edit.restate = MustRestate(work, true);
  edit.subject = fmt::format("Roll {} back to {}", work.pair.first.text(), target->text());
  edit.edit = [&](const std::optional<std::string>& text) {
    const std::string release = newest ? std::string("newest") : target->text();
    Parsed<std::string> edited = SetRelease(work.pair.first, work.pair.second, text, release);
    for (const ReleaseName& bad : ToExcept(work, *target, newest)) {
      if (!edited) {
        return edited;
      }
      edited =
          AddException(work.pair.first,
                       work.pair.second,
                       *edited,
                       Exception{bad, *because, work.request.reason, work.request.person.email});
    }
    return edited;
  };
  auto answer = WriteDesired(
      work,
      std::move(edit),
      fmt::format("{} goes back to {}{}",
                  work.pair.first.text(),
                  target->text(),
                  HeldBecause(work) ? ", and stays held until " + ResumeCommand(work.pair) : ""));
  return answer.refused() ? answer : WithVerdict(work, std::move(answer), *judged);
}

RequestAnswer ApproveOrReject(const Work& work, bool rejects) {
  const auto gate = work.situation.PolicyOf(work.pair).approvals;
  const auto record = work.situation.Record(work.request.release);
  if (!record) {
    return NoSuchThing("release " + work.request.release.text());
  }
  const auto model = work.situation.PolicyOf(work.pair).model;
  if (!gate && !(model && MayAskAPerson(*model))) {
    return RefuseRequest(
        409, "no_approvals", fmt::format("{} asks no approvals", work.pair.first.text()));
  }
  const bool listed =
      !gate || std::any_of(gate->from.begin(), gate->from.end(), [&](const auto& email) {
        return SamePerson(email, work.request.person.email);
      });
  if (!listed) {
    return RefuseRequest(403,
                         "not_an_approver",
                         fmt::format("{} is not among the approvers of {}",
                                     FormatPerson(work.request.person),
                                     work.pair.first.text()));
  }
  const auto& given = work.state.approvals;
  const bool vetoed = std::any_of(given.begin(), given.end(), [&](const auto& earlier) {
    return earlier.rejects && earlier.release == record->name &&
           SamePerson(earlier.person.email, work.request.person.email);
  });
  if (vetoed && !rejects) {
    return RefuseRequest(409,
                         "vetoed",
                         fmt::format("you rejected it: failgate withdraw {} {} first",
                                     record->name.text(),
                                     work.pair.first.text()));
  }
  const bool signed_already = std::any_of(given.begin(), given.end(), [&](const auto& earlier) {
    return !rejects && !earlier.rejects && !earlier.file.empty() &&
           earlier.release == record->name &&
           earlier.spec == SpecDigest(work.situation.DeploymentOf(work.pair)) &&
           SamePerson(earlier.person.email, work.request.person.email);
  });
  if (signed_already) {
    // One without a signature would take its place, and count for less.
    return AcceptRequest(fmt::format("approved {} for {} already, by a signed file on main",
                                     record->name.text(),
                                     work.pair.first.text()),
                         CommitId());
  }
  StandingApproval approval;
  approval.release = record->name;
  approval.person = work.request.person;
  approval.rejects = rejects;
  approval.record = ReleaseRecordDigest(*record);
  approval.spec = SpecDigest(work.situation.DeploymentOf(work.pair));
  approval.at = work.situation.now;
  if (gate && gate->expires && !rejects) {
    approval.expires = work.situation.now + *gate->expires;
  }
  approval.request = work.request.id;
  const auto ids = work.log.Append({ApprovalDraft(work.pair, approval, work.request.reason)});
  return AcceptFact(ids,
                    fmt::format("{} {} for {}",
                                rejects ? "rejected" : "approved",
                                record->name.text(),
                                work.pair.first.text()));
}

RequestAnswer Withdraw(const Work& work) {
  const auto ids = work.log.Append({WithdrawnDraft(
      work.pair, work.request.release, work.request.person, work.request.id, work.situation.now)});
  if (!ids.front()) {
    return RefuseRequest(409,
                         "nothing_to_withdraw",
                         fmt::format("{} has neither approved nor rejected {} for {}",
                                     work.request.person.email,
                                     work.request.release.text(),
                                     work.pair.first.text()));
  }
  return AcceptFact(ids, fmt::format("withdrawn {}", work.request.release.text()));
}

RequestAnswer Retry(const Work& work) {
  const auto ids = work.log.Append({RetryDraft(
      work.pair, work.request.person, work.request.id, work.request.reason, work.situation.now)});
  if (work.situation.checks != nullptr) {
    // Only now: the log knows who asked before anything runs again.
    static_cast<void>(work.situation.checks->ForgetFailed(work.pair.first, work.pair.second));
  }
  if (!ids.front()) {
    return AcceptFact(ids, "there is nothing to try again");
  }
  return AcceptFact(ids,
                    HeldBecause(work)
                        ? "what failed is tried again after " + ResumeCommand(work.pair)
                        : std::string("what failed is tried again"));
}

}  // namespace

RequestAnswer CarryOut(const Request& request,
                       const Situation& situation,
                       DeployLog& log,
                       const SigningKey& key) {
  const EnvironmentProject pair{request.environment, request.project};
  const Work work{
      request, situation, log, key, pair, situation.log.Environment(pair.first, pair.second)};
  const bool deployed = situation.view.deployments.count(pair) > 0;
  if (request.kind == "remove" && !deployed && !work.state.decided.release.empty()) {
    return CarryOutRemovalOfUndeployed(work);
  }
  if (request.kind == "resume" && !deployed && work.state.hold) {
    return CarryOutResumeOfUndeployed(work);
  }
  if (situation.view.environments.count(pair.first) == 0) {
    return NoSuchThing("environment " + pair.first.text());
  }
  if (!deployed) {
    return NoSuchThing(fmt::format("environments/{}/{}.yaml: {} is not deployed there",
                                   pair.first.text(),
                                   pair.second.text(),
                                   pair.second.text()));
  }
  if (request.kind == "resume") {
    return CarryOutResume(work);  // what is wrong elsewhere must not keep a hold in effect
  }
  if (auto refused = RefusedByFiles(work)) {
    return *refused;
  }
  if (request.kind == "promote") {
    return Promote(work);
  }
  if (request.kind == "rollback") {
    return Rollback(work);
  }
  if (request.kind == "approve" || request.kind == "reject") {
    return ApproveOrReject(work, request.kind == "reject");
  }
  if (request.kind == "withdraw") {
    return Withdraw(work);
  }
  if (request.kind == "retry") {
    return Retry(work);
  }
  if (request.kind == "override") {
    return CarryOutOverride(work);
  }
  if (request.kind == "remove") {
    return CarryOutRemoval(work);
  }
  if (request.kind == "hold") {
    return CarryOutHold(work);
  }
  return RefuseRequest(
      422,
      "not_available",
      fmt::format("{} is not available in this version of failgate", request.kind));
}

}  // namespace failgate
