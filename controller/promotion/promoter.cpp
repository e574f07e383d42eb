#include "controller/promotion/promoter.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "controller/base/fail_point.h"
#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/checks/check_desk.h"
#include "controller/promotion/history_acceptance.h"
#include "controller/promotion/request_work.h"
#include "controller/promotion/signed_rollback.h"

namespace failgate {

Promoter::Promoter(Parts parts, PromotionBounds bounds)
    : parts_(std::move(parts)),
      bounds_(std::move(bounds)),
      wishes_(OnlyController(parts_.key.PublicLine()), parts_.prover),
      signers_(parts_.prover) {
  CountSignersOfOwners();
}

void Promoter::OnAnswered(std::function<void(const std::string&, const std::string&)> told) {
  answered_ = std::move(told);
}

void Promoter::OnForeignLog(std::function<void(const std::string& why)> told) {
  told_foreign_ = std::move(told);
}

void Promoter::OnChanged(std::function<void()> told) {
  told_change_ = std::move(told);
}

std::shared_ptr<const PromotionSnapshot> Promoter::Snapshot() const {
  return shared_.Lock()->snapshot;
}

std::optional<TimePoint> Promoter::LastPass() const {
  return shared_.Lock()->passed;
}

bool Promoter::IsDue(TimePoint now) const {
  auto shared = shared_.Lock();
  // While promotion fails its own loop tries again, at its own pace.
  if (shared->snapshot == nullptr || !shared->snapshot->next_until || !shared->trouble.empty()) {
    return false;
  }
  const TimePoint until = *shared->snapshot->next_until;
  return until <= now && shared->passed < until;
}

std::string Promoter::Trouble() const {
  return shared_.Lock()->trouble;
}

LogStanding Promoter::Standing() const {
  return shared_.Lock()->standing;
}

Situation Promoter::Look() {
  const auto main = parts_.log.MainHead();
  if (!main) {
    throw Error(
        Remedy::kNeedsChange,
        "the operations repository has no branch main: push what `failgate init operations` "
        "made");
  }
  const CommitId policy = policy_.in_force ? policy_.in_force->commit : CommitId();
  wishes_.BoundBy(policy);
  const std::string under = policy.text() + " " + policy_.trouble;
  if (*main != read_main_ || under != read_policy_) {
    auto view = std::make_shared<OperationsView>(
        ReadOperationsAt(parts_.log.repository(), *main, view_.get(), policy));
    if (parts_.trust != nullptr && !policy_.in_force) {
      WithholdPolicy(*view, policy_.trouble);
    }
    view_ = std::move(view);
    read_main_ = *main;
    read_policy_ = under;
    for (const Problem& problem : view_->problems) {
      log::Warning("a file on main stops what it concerns", {{"problem", Describe(problem)}});
    }
  }
  const auto log_head = parts_.log.LogHead();
  try {
    static_cast<void>(log_reader_.Read(parts_.log.repository(), log_head));
  } catch (const Error&) {
    // One state that cannot be read must not hold up the other pairs; Publish meets it again.
  }
  tree_.emplace(parts_.log.repository(), log_head, log_reader_.view());
  return Situation{parts_.log.repository(),
                   *main,
                   *view_,
                   *tree_,
                   bounds_,
                   authors_,
                   parts_.clock.Now(),
                   &signers_,
                   policy,
                   parts_.checks,
                   &requirements_,
                   parts_.sonar,
                   parts_.comparisons};
}

void Promoter::CarryOutRequests() {
  for (const Request& request : parts_.requests.Open()) {
    RequestAnswer answer;
    try {
      FailPoint("request-taken");
      answer = request.kind == kAcceptHistory
                   ? CarryOutAcceptance(request, parts_.log, parts_.runs, parts_.clock.Now())
                   : CarryOut(request, Look(), parts_.log, parts_.key);
    } catch (const Error& error) {
      if (error.remedy() == Remedy::kRetry) {
        log::Warning("a request waits for the remote", {{"error", error.what()}});
        break;  // it stays open and is tried again; the rest of the pass tells whether all is lost
      }
      answer = RefuseRequest(409, "not_written", error.what());
    }
    Answer(request, answer);
  }
}

void Promoter::ExceptWhatWasTakenBack() {
  const auto& pairs = log_reader_.view()->environments;
  const bool may_owe = std::any_of(pairs.begin(), pairs.end(), [](const auto& pair) {
    return pair.second.state->decided.rollback && !pair.second.state->decided.wanted.empty();
  });
  if (!may_owe) {
    return;
  }
  try {
    bool written = true;
    while (written) {
      const Situation situation = Look();
      written = ExceptWhatSignersTookBack(
          situation, *log_reader_.view(), wishes_, parts_.log, parts_.key);
      changed_ = changed_ || written;
    }
  } catch (const Error& error) {
    // The way back itself is ordered already; the next pass tries again.
    log::Warning("what a signed commit took back is not excepted yet", {{"error", error.what()}});
  }
}

void Promoter::Answer(const Request& request, const RequestAnswer& answer) {
  const std::string json = WriteJson(answer, request.id);
  parts_.requests.Finish(
      request.id, answer.refused() ? RequestState::kRefused : RequestState::kDone, json);
  FailPoint("request-finished");
  changed_ = true;
  answers_[request.id] = json;
}

void Promoter::TellAnswers() {
  for (const auto& answer : std::exchange(answers_, {})) {
    if (answered_) {
      answered_(answer.first, answer.second);
    }
  }
}

void Promoter::AddDrafts(const Situation& situation,
                         const EnvironmentProject& pair,
                         const AssessedPair& assessed,
                         std::vector<FactDraft>& drafts) const {
  if (assessed.hold) {
    drafts.push_back(HoldDraft(pair, *assessed.hold, situation.now));
  }
  for (const ApprovalChange& approval : assessed.approvals) {
    drafts.push_back(ApprovalFileDraft(pair, approval, situation.now));
  }
  if (assessed.removal) {
    const EnvironmentState state = situation.log.Environment(pair.first, pair.second);
    drafts.push_back(
        RemovalDraft(pair, *assessed.removal, state.running, state.decided.attempt, situation.now));
  }
  if (!assessed.judged.empty()) {
    const long attempt = situation.log.Environment(pair.first, pair.second).decided.attempt;
    for (const JudgedCandidate& judged : assessed.judged) {
      drafts.push_back(DecidedDraft(judged));
      if (judged.record.decision.outcome == Outcome::kPassed) {
        drafts.push_back(PromotedDraft(judged, attempt));
      }
    }
  }
  if (assessed.refused) {
    drafts.push_back(RefusedDraft(pair, *assessed.refused, situation.now));
  }
}

bool Promoter::Write(const std::vector<FactDraft>& drafts) {
  bool any = false;
  for (const auto& written : parts_.log.Append(drafts)) {
    any = any || written.has_value();
  }
  changed_ = changed_ || any;
  return any;
}

void Promoter::WriteVerdicts(const std::vector<FactDraft>& drafts) {
  if (Write(drafts)) {
    FailPoint("verdicts-pushed");
  }
}

void Promoter::JudgeAll() {
  const Situation situation = Look();
  std::vector<FactDraft> drafts;
  const auto act = [&](const EnvironmentProject& pair, const AssessedPair& assessed) {
    assessed_ = true;
    AddDrafts(situation, pair, assessed, drafts);
    if (drafts.size() >= kMaxFactsAtOnce) {
      WriteVerdicts(std::exchange(drafts, {}));
    }
  };
  assessments_.Update(situation, parts_.log.LogHead(), *log_reader_.view(), wishes_, act);
  for (const auto& [pair, change] :
       HoldChangesOfUndeployed(situation, *log_reader_.view(), wishes_)) {
    drafts.push_back(HoldDraft(pair, change, situation.now));
  }
  WriteVerdicts(drafts);
  assessments_.Settle();
  if (parts_.checks != nullptr) {
    parts_.checks->Settle();
  }
  judged_at_ = situation.now;
}

bool Promoter::IsPublished(const Situation& situation) const {
  const auto snapshot = Snapshot();
  return !assessed_ && !stood_down_ && snapshot != nullptr && snapshot->main == situation.main &&
         snapshot->policy == situation.policy && snapshot->policy_trouble == policy_.trouble &&
         snapshot->log_head == parts_.log.LogHead();
}

void Promoter::Publish() {
  const Situation situation = Look();
  if (IsPublished(situation)) {
    auto shared = shared_.Lock();
    shared->passed = judged_at_;
    shared->trouble.clear();
    return;
  }
  auto snapshot = std::make_shared<PromotionSnapshot>();
  snapshot->main = situation.main;
  snapshot->policy = situation.policy;
  snapshot->policy_trouble = policy_.trouble;
  snapshot->log_head = parts_.log.LogHead();
  snapshot->log = log_reader_.Read(parts_.log.repository(), snapshot->log_head);
  snapshot->view = view_;
  snapshot->pairs = assessments_.Assessments();
  snapshot->at = situation.now;
  for (const auto& pair : snapshot->pairs) {
    const auto& until = pair.second->until;
    if (until && (!snapshot->next_until || *until < *snapshot->next_until)) {
      snapshot->next_until = until;
    }
  }
  for (const auto& [pair, file] : snapshot->log->environments) {
    const auto& hold = file.state->hold;
    if (hold && hold->until && !IsDeployed(*view_, pair) &&
        (!snapshot->next_until || *hold->until < *snapshot->next_until)) {
      snapshot->next_until = hold->until;
    }
  }
  parts_.reconciler.SetOrders(orders_.Build(situation, *snapshot->log));
  assessed_ = false;
  stood_down_ = false;
  auto shared = shared_.Lock();
  shared->snapshot = std::move(snapshot);
  shared->passed = judged_at_;
  shared->trouble.clear();
  shared->standing = LogStanding::kOurs;
}

void Promoter::Step() {
  changed_ = false;
  try {
    wishes_.Saw(parts_.log.MainHead());
    const LogStanding standing = parts_.log.Fetch();
    if (standing != LogStanding::kOurs && !AcceptHistory()) {
      throw Error(Remedy::kNeedsChange, parts_.log.trouble());
    }
    if (parts_.keys != nullptr) {
      parts_.keys->Finish(parts_.log);  // the first thing: `started` is signed by the key in force
    }
    if (!taken_over_) {
      TakeOver();
    }
    if (parts_.keys != nullptr) {
      parts_.keys->Rotate(parts_.log, parts_.clock.Now());
    }
    KnowKeys();
    SettlePolicy();
    WriteOwed();
    CarryOutRequests();
    ExceptWhatWasTakenBack();
    JudgeAll();
    Publish();
    // Also without news: while we hold a pack, what other threads read of it stays in memory.
    parts_.log.Renew();
  } catch (const std::exception& error) {
    if (parts_.log.standing() != LogStanding::kOurs) {
      StandDown(parts_.log.standing());
    }
    shared_.Lock()->trouble = error.what();
    TellAnswers();  // what was asked is written, whatever failed after it
    RethrowWithContext("promoting");
  }
  TellAnswers();
  if (changed_ && told_change_) {
    told_change_();
  }
}

}  // namespace failgate
