#include "controller/deploylog/expected_acts.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "controller/deploylog/expected_state.h"
#include "policies/override.h"

namespace failgate {
namespace {

void Add(const ExpectedAct& act, AuditKind kind, std::string text) {
  act.findings.push_back(AuditFinding{kind, std::move(text)});
}

void CheckRemoval(const ExpectedAct& act) {
  if (!act.state.decided.removes) {
    Add(act, AuditKind::kOrphan, "nothing was to be taken away");
  }
}

}  // namespace

void ExpectHeld(const ExpectedAct& act) {
  StandingHold hold;
  const auto person = ParsePerson(act.written.Value("Requested-by").value_or(""));
  if (!person) {
    return Add(act, AuditKind::kRewritten, "it does not say who asked for the hold");
  }
  hold.by = *person;
  hold.reason = act.written.Value("Reason").value_or("");
  hold.until = ParseTime(act.written.Value("Until").value_or(""));
  hold.healing = act.written.Value("Healing").value_or("on") != "off";
  hold.wanted = act.written.Value("Wanted").value_or("");
  hold.at = act.written.fact.at;
  act.state.hold = std::move(hold);
}

void ExpectHoldEnded(const ExpectedAct& act) {
  if (!act.state.hold || act.written.Value("Held") != FormatTime(act.state.hold->at)) {
    Add(act, AuditKind::kOrphan, "it ends a hold that was not there");
  } else if (act.written.Value("Via") == "automatic" &&
             !(act.state.hold->until && *act.state.hold->until <= act.written.fact.at)) {
    Add(act, AuditKind::kOrphan, "a person must end this hold, its time was not over");
  }
  act.state.hold.reset();
}

void ExpectOverridden(const ExpectedAct& act) {
  const auto person = ParsePerson(act.written.Value("Overridden-by").value_or(""));
  const auto until = ParseTime(act.written.Value("Until").value_or(""));
  if (!person || !until) {
    return Add(act, AuditKind::kRewritten, "it does not say who overrides, or until when");
  }
  if (*until <= act.written.fact.at || *until - act.written.fact.at > kLongestOverride) {
    Add(act, AuditKind::kOrphan, "an override lasts a day at most");
  }
  StandingOverride given;
  given.release = act.written.fact.release;
  given.gate = act.written.Value("Gate").value_or("");
  given.person = *person;
  given.reason = act.written.Value("Reason").value_or("");
  given.record = act.written.Value("Record").value_or("");
  given.spec = act.after.overrides.empty() ? std::string() : act.after.overrides.back().spec;
  given.at = act.written.fact.at;
  given.until = *until;
  given.request = act.written.Value("Request").value_or("");
  act.state.AddOverride(std::move(given));
}

void ExpectOverridesUsed(const ExpectedAct& act, const DecisionRecord* decision) {
  auto& given = act.state.overrides;
  for (const OverrideFact& used :
       decision != nullptr ? decision->facts.overrides : std::vector<OverrideFact>()) {
    const bool known = std::any_of(given.begin(), given.end(), [&](const auto& standing) {
      return standing.release == act.written.fact.release && standing.gate == used.gate &&
             standing.until == used.until && standing.at == used.at &&
             SamePerson(standing.person.email, used.person.email);
    });
    if (!known) {
      Add(act,
          AuditKind::kDecision,
          fmt::format("its decision counts an override of {} that nobody gave",
                      OneLine(used.gate, 40)));
    }
  }
  given.erase(std::remove_if(given.begin(),
                             given.end(),
                             [&](const auto& standing) {
                               return standing.release == act.written.fact.release;
                             }),
              given.end());
}

void ExpectRemovalOrdered(const ExpectedAct& act, long attempt) {
  Ordered& ordered = act.state.decided;
  if (ordered.attempt > 0 && !ordered.finished) {
    Add(act, AuditKind::kOrphan, "a deployment was in progress");
  }
  ordered.attempt = attempt;
  ordered.wanted = act.written.Value("Wanted").value_or("");
  ordered.at = TimeAsIn(act.after.decided.at, act.written.fact.at);
  ordered.finished = false;
  ordered.rollback = false;
  ordered.retry = false;
  ordered.removes = true;
  act.state.stopped.clear();
}

void ExpectRemoved(const ExpectedAct& act) {
  CheckRemoval(act);
  Ordered ordered;
  ordered.wanted = act.state.decided.wanted;
  ordered.at = act.state.decided.at;
  ordered.attempt = act.state.decided.attempt;
  ordered.finished = true;
  act.state.decided = std::move(ordered);
  act.state.EndSteadyOfOthers();
  act.state.running = ReleaseName();
  act.state.running_spec.clear();
  act.state.since.reset();
  act.state.cause.clear();
  act.state.health = Health::kUnknown;
  act.state.drift = Drift::kUnknown;
  act.state.removed = act.state.history.empty() ? 0 : act.state.history.back().order;
}

void ExpectRemovalFailed(const ExpectedAct& act) {
  CheckRemoval(act);
  act.state.decided.finished = true;
  const std::string cause = act.written.Value("Cause").value_or("");
  act.state.cause = act.after.cause == cause ? cause : OneLine(cause);
  act.state.health = Health::kUnhealthy;
  act.state.drift = Drift::kUnknown;
  act.state.SetSteady(std::nullopt);
}

}  // namespace failgate
