#include "controller/deploylog/expected_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "controller/base/release_number.h"
#include "controller/base/text.h"
#include "controller/deploylog/expected_acts.h"
#include "policies/verdict_text.h"

namespace failgate {
namespace {

constexpr std::string_view kStopped = "the way back failed too: ";

/// Files come from anywhere: their numbers may be the largest there are.
long Next(long number) {
  return number == std::numeric_limits<long>::max() ? number : number + 1;
}

std::string AttemptText(const WrittenFact& written) {
  return OneLine(written.Value("Attempt").value_or("(none)"), 40);
}

/// Facts are written by one function each, of the state before and of the file after.
class Expectation {
 public:
  Expectation(const EnvironmentState& before,
              const EnvironmentState& after,
              const WrittenFact& written,
              const DecisionRecord* decision,
              std::vector<AuditFinding>& findings)
      : state_(before),
        after_(after),
        written_(written),
        fact_(written.fact),
        decision_(decision),
        findings_(findings) {}

  EnvironmentState Compute() {
    Apply();
    state_.sequence = written_.sequence;
    state_.last = LastFact{FactWord(fact_.kind), written_.Value("Result").value_or(""), fact_.at};
    return std::move(state_);
  }

 private:
  void Apply() {
    switch (fact_.kind) {
      case FactKind::kDecided:
        return Decided();
      case FactKind::kPromoted:
        return Promoted();
      case FactKind::kDeployed:
        return Deployed();
      case FactKind::kRolledBack:
        // A way back that people asked for has its decision; one after a failure has none.
        return written_.Value("Decision") ? Deployed() : WentBack();
      case FactKind::kRemovalOrdered:
        return ExpectRemovalOrdered(act_, NextAttempt());
      case FactKind::kRemoved:
        CheckAttempt();
        return ExpectRemoved(act_);
      case FactKind::kFailed:
        return state_.decided.finished  ? Drifting()
               : state_.decided.removes ? RemovalFailed()
                                        : Failed();
      case FactKind::kDrifted:
      case FactKind::kHealed:
        return Drifting();
      case FactKind::kApproved:
      case FactKind::kRejected:
        return Approved();
      case FactKind::kOverridden:
        return ExpectOverridden(act_);
      case FactKind::kWithdrawn:
        return Withdrawn();
      case FactKind::kHeld:
        return ExpectHeld(act_);
      case FactKind::kResumed:
        // One ends a hold, the other lets automation try again what failed.
        return written_.Value("Held") ? ExpectHoldEnded(act_) : Resumed();
      case FactKind::kRefused:
        return Refused();
      case FactKind::kStarted:
      case FactKind::kReleased:
      case FactKind::kSuperseded:
      case FactKind::kKeyRotated:
      case FactKind::kHistoryAccepted:
      case FactKind::kPolicyChanged:
      case FactKind::kTokenChanged:
        Add(AuditKind::kRewritten, "such a fact is about no environment");
        return;
    }
  }

  void Add(AuditKind kind, std::string text) {
    findings_.push_back(AuditFinding{kind, std::move(text)});
  }

  void Decided() {
    if (decision_ == nullptr) {
      state_.verdicts = after_.verdicts;  // told of where the decision is read
      return;
    }
    // Forgets the oldest of many, as the one who wrote it did.
    if (!state_.RememberVerdict(fact_.release, VerdictSummary(decision_->decision))) {
      Add(AuditKind::kDecision, "the log had this verdict already");
    }
  }

  [[nodiscard]] long NextAttempt() {
    const long attempt = Next(state_.decided.attempt);
    if (written_.Value("Attempt") != std::to_string(attempt)) {
      Add(AuditKind::kOrphan,
          fmt::format("it orders attempt {}, attempt {} is next", AttemptText(written_), attempt));
    }
    return attempt;
  }

  void Promoted() {
    const long attempt = NextAttempt();
    Ordered ordered;
    ordered.release = fact_.release;
    ordered.spec = after_.decided.spec;
    ordered.decision = written_.Value("Decision").value_or("");
    ordered.wanted = written_.Value("Wanted").value_or("");
    ordered.at = TimeAsIn(after_.decided.at, fact_.at);
    ordered.attempt = attempt;
    ordered.rollback = decision_ != nullptr ? decision_->facts.rollback : after_.decided.rollback;
    state_.decided = std::move(ordered);
    state_.stopped.clear();
    ExpectOverridesUsed(act_, decision_);
    auto& given = state_.approvals;
    given.erase(std::remove_if(given.begin(),
                               given.end(),
                               [&](const StandingApproval& approval) {
                                 return approval.release == fact_.release && !approval.rejects;
                               }),
                given.end());
    for (auto verdict = state_.verdicts.begin(); verdict != state_.verdicts.end();) {
      const bool past = ReleaseNumber(verdict->first) <= ReleaseNumber(fact_.release);
      verdict = past ? state_.verdicts.erase(verdict) : std::next(verdict);
    }
  }

  void RemovalFailed() {
    CheckAttempt();
    ExpectRemovalFailed(act_);
  }

  /// What ends an attempt must end the one that is ordered, once.
  void CheckAttempt() {
    const Ordered& ordered = state_.decided;
    if (written_.Value("Attempt") != std::to_string(ordered.attempt) || ordered.attempt == 0) {
      Add(AuditKind::kOrphan,
          fmt::format("no promotion ordered attempt {} now", AttemptText(written_)));
    } else if (ordered.finished) {
      Add(AuditKind::kOrphan, fmt::format("attempt {} had its end already", AttemptText(written_)));
    }
  }

  void CheckRelease(const ReleaseName& expected) {
    if (fact_.release != expected) {
      Add(AuditKind::kOrphan,
          fmt::format("{} was ordered, not {}",
                      OneLine(expected.text(), 80),
                      OneLine(fact_.release.text(), 80)));
    }
  }

  void Run(const ReleaseName& release, const std::string& spec) {
    if (state_.running != release || state_.running_spec != spec) {
      state_.since = fact_.at;
    }
    state_.running = release;
    state_.running_spec = spec;
  }

  void RememberEnd(DeploymentEnd end) {
    const TimePoint at =
        after_.history.empty() ? fact_.at : TimeAsIn(after_.history.back().at, fact_.at);
    const Ordered& ordered = state_.decided;
    state_.Remember(HistoryEntry{ordered.release, ordered.spec, ordered.decision, at, end});
    state_.EndSteadyOfOthers();
    if (end == DeploymentEnd::kHealthy) {
      BeginSteady();
    }
  }

  /// Former versions wrote no steady times, and none is the stricter answer.
  void BeginSteady() {
    const HistoryEntry* told = after_.EndOf(state_.decided.release, state_.decided.spec);
    const bool written = told != nullptr && told->steady;
    state_.SetSteady(written ? std::optional<TimePoint>(TimeAsIn(*told->steady, fact_.at))
                             : std::nullopt);
  }

  void RunsWell() {
    state_.health = Health::kHealthy;
    state_.drift = Drift::kNone;
  }

  void Deployed() {
    CheckAttempt();
    CheckRelease(state_.decided.release);
    if (state_.decided.rollback != (fact_.kind == FactKind::kRolledBack)) {
      Add(AuditKind::kOrphan, "a way back and a way forward are different facts");
    }
    if (written_.Value("Decision") != state_.decided.decision) {
      Add(AuditKind::kDecision, "it names another decision than the one that ordered it");
    }
    const HistoryEntry* bad = state_.EndOf(state_.running, state_.running_spec);
    if (state_.decided.rollback && bad != nullptr && state_.running != state_.decided.release) {
      HistoryEntry entry = *bad;
      entry.end = DeploymentEnd::kRolledBack;
      entry.steady.reset();
      entry.steady_until.reset();
      if (const HistoryEntry* told = after_.EndOf(entry.release, entry.spec)) {
        entry.at = TimeAsIn(told->at, fact_.at);
      }
      state_.Remember(std::move(entry));
    }
    state_.decided.finished = true;
    RememberEnd(DeploymentEnd::kHealthy);
    state_.cause.clear();
    Run(state_.decided.release, state_.decided.spec);
    RunsWell();
  }

  /// The release that a failure went back to ran well there before, in the way the file names.
  void WentBack() {
    CheckAttempt();
    const HistoryEntry* good = state_.EndOf(fact_.release, after_.running_spec);
    const bool stayed =
        state_.running == fact_.release && state_.running_spec == after_.running_spec;
    if (good == nullptr && !stayed) {
      Add(AuditKind::kOrphan,
          fmt::format("{} never ran there in this way", OneLine(fact_.release.text(), 80)));
    }
    state_.decided.release = fact_.release;
    state_.decided.spec = after_.running_spec;
    state_.decided.decision = good == nullptr ? std::string() : good->decision;
    RememberEnd(DeploymentEnd::kHealthy);
    state_.decided.finished = true;
    Run(fact_.release, after_.running_spec);
    RunsWell();
  }

  /// After a failure one of these may still run: nothing, what ran, what was ordered, what ran
  /// once.
  [[nodiscard]] bool MayRun(const ReleaseName& release, const std::string& spec) const {
    return release.empty() || (release == state_.running && spec == state_.running_spec) ||
           (release == state_.decided.release && spec == state_.decided.spec) ||
           state_.EndOf(release, spec) != nullptr;
  }

  void Failed() {
    CheckAttempt();
    CheckRelease(state_.decided.release);
    RememberEnd(DeploymentEnd::kFailed);
    const std::string cause = written_.Value("Cause").value_or("");
    if (after_.cause == cause || after_.cause == OneLine(cause)) {
      state_.cause = after_.cause;
    } else {
      state_.cause = OneLine(cause);
    }
    state_.decided.finished = after_.decided.finished;  // it may go back: that fact ends it
    if (MayRun(after_.running, after_.running_spec)) {
      Run(after_.running, after_.running_spec);
    }
    state_.health = Health::kUnhealthy;
    state_.drift = Drift::kUnknown;
    if (after_.stopped.compare(0, kStopped.size(), kStopped) == 0) {
      state_.stopped = after_.stopped;
    }
  }

  void Drifting() {
    if (written_.Value("Attempt").value_or("0") != std::to_string(state_.decided.attempt)) {
      Add(AuditKind::kOrphan,
          fmt::format("attempt {} is not what is to run there", AttemptText(written_)));
    }
    if (!state_.decided.release.empty()) {
      CheckRelease(state_.decided.release);
    }
    const bool healed = fact_.kind == FactKind::kHealed;
    const bool only_unhealthy =
        fact_.kind == FactKind::kDrifted && written_.Value("Drift") == DriftWord(Drift::kNone);
    if (only_unhealthy && state_.drift == Drift::kDrifted) {
      Add(AuditKind::kOrphan, "its drift was not healed yet");
    }
    state_.drift = healed || only_unhealthy ? Drift::kNone : Drift::kDrifted;
    const bool unhealthy = only_unhealthy || fact_.kind == FactKind::kFailed;
    state_.health = unhealthy ? Health::kUnhealthy : after_.health;
    if (healed && state_.health == Health::kHealthy) {
      BeginSteady();
    } else {
      state_.SetSteady(std::nullopt);
    }
  }

  void EraseApprovals(const char* who) {
    const auto person = ParsePerson(written_.Value(who).value_or(""));
    if (!person) {
      return Add(AuditKind::kRewritten, fmt::format("it has no {}", who));
    }
    auto& given = state_.approvals;
    given.erase(std::remove_if(given.begin(),
                               given.end(),
                               [&](const StandingApproval& approval) {
                                 return approval.release == fact_.release &&
                                        SamePerson(approval.person.email, person->email);
                               }),
                given.end());
  }

  /// What the facts about an approval file say of it; `refused`: why it does not count.
  void TellFile(const std::string& refused) {
    const auto file = written_.Value("File");
    if (!file) {
      return;
    }
    const std::size_t at = file->rfind('@');
    if (at == std::string::npos) {
      return Add(AuditKind::kRewritten, "it does not say which approval file it is about");
    }
    std::string signature = written_.Value("Signature").value_or("none");
    state_.TellApproval(
        file->substr(0, at),
        ToldApproval{file->substr(at + 1), signature == "none" ? "" : signature, refused});
  }

  void Refused() {
    if (written_.Value("File")) {
      return TellFile(written_.Value("Reason").value_or(""));
    }
    state_.refused = written_.Value("Wanted").value_or("");
  }

  void Withdrawn() {
    EraseApprovals("Withdrawn-by");
    TellFile(written_.Value("Reason").value_or(""));
  }

  void Approved() {
    const char* who = fact_.kind == FactKind::kRejected ? "Rejected-by" : "Approved-by";
    EraseApprovals(who);
    StandingApproval approval =
        after_.approvals.empty() ? StandingApproval{} : after_.approvals.back();
    const auto person = ParsePerson(written_.Value(who).value_or(""));
    const auto expires = ParseTime(written_.Value("Expires").value_or(""));
    approval.release = fact_.release;
    approval.rejects = fact_.kind == FactKind::kRejected;
    approval.record = written_.Value("Record").value_or("");
    approval.request = written_.Value("Request").value_or("");
    const std::string file = written_.Value("File").value_or("");
    approval.file = file.substr(0, file.rfind('@'));
    TellFile("");
    approval.at = TimeAsIn(approval.at, fact_.at);
    approval.expires = expires && approval.expires
                           ? std::optional<TimePoint>(TimeAsIn(*approval.expires, *expires))
                           : expires;
    // Who gave no name is called by the local part of the address: the address is what counts.
    const bool same_name =
        person && (approval.person.name.empty() || approval.person.name == person->name);
    if (person && (!same_name || !SamePerson(approval.person.email, person->email))) {
      approval.person = *person;
    }
    state_.approvals.push_back(std::move(approval));
  }

  void Resumed() {
    const HistoryEntry* end = state_.EndOf(state_.decided.release, state_.decided.spec);
    const bool failed =
        state_.decided.finished && end != nullptr && end->end == DeploymentEnd::kFailed;
    auto& history = state_.history;
    history.erase(std::remove_if(history.begin(),
                                 history.end(),
                                 [](const HistoryEntry& entry) {
                                   return entry.end == DeploymentEnd::kFailed;
                                 }),
                  history.end());
    state_.decided.retry = state_.decided.retry || failed;
    state_.stopped.clear();
    state_.verdicts.clear();
  }

  EnvironmentState state_;
  const EnvironmentState& after_;
  const WrittenFact& written_;
  const Fact& fact_;
  const DecisionRecord* decision_;
  std::vector<AuditFinding>& findings_;
  ExpectedAct act_{state_, after_, written_, findings_};
};

}  // namespace

EnvironmentState ExpectedState(const EnvironmentState& before,
                               const EnvironmentState& after,
                               const WrittenFact& written,
                               const DecisionRecord* decision,
                               std::vector<AuditFinding>& findings) {
  return Expectation(before, after, written, decision, findings).Compute();
}

TimePoint TimeAsIn(TimePoint file, TimePoint fact) {
  return FormatTime(file) == FormatTime(fact) ? file : fact;
}

}  // namespace failgate
