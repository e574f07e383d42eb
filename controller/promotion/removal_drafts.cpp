// The facts of taking away what is deployed: the order, and how it ended.
#include <fmt/format.h>

#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/promotion/fact_drafts.h"
#include "controller/promotion/fact_trailers.h"

namespace failgate {
namespace {

void Forget(EnvironmentState& state) {
  Ordered gone;
  gone.wanted = state.decided.wanted;
  gone.at = state.decided.at;
  gone.attempt = state.decided.attempt;
  gone.finished = true;
  state.decided = std::move(gone);
  state.EndSteadyOfOthers();
  state.running = ReleaseName();
  state.running_spec.clear();
  state.since.reset();
  state.cause.clear();
  state.health = Health::kUnknown;
  state.drift = Drift::kUnknown;
  state.removed = state.history.empty() ? 0 : state.history.back().order;
}

void GiveUp(EnvironmentState& state, const std::string& detail) {
  state.decided.finished = true;
  state.cause = OneLine(Redact(detail));
  state.health = Health::kUnhealthy;
  state.drift = Drift::kUnknown;
  state.SetSteady(std::nullopt);
}

}  // namespace

FactDraft RemovalDraft(const EnvironmentProject& pair,
                       const Wish& wish,
                       const ReleaseName& running,
                       long attempt,
                       TimePoint at) {
  FactDraft draft;
  draft.fact.kind = FactKind::kRemovalOrdered;
  draft.fact.at = at;
  draft.fact.environment = pair.first;
  draft.fact.project = pair.second;
  draft.fact.release = running;
  draft.fact.subject =
      fmt::format("ordered to remove {} from {}", pair.second.text(), pair.first.text());
  draft.fact.Add("Attempt", std::to_string(attempt + 1));
  draft.fact.Add("Requested-by", TrailerPerson(wish.requester));
  draft.fact.Add("Reason", wish.reason);
  draft.fact.Add("Via", "api");
  draft.fact.Add("Wanted", wish.commit.text());
  draft.fact.Add("Request", wish.request);
  draft.change = [commit = wish.commit.text(), attempt](LogEdit& edit) {
    EnvironmentState& state = *edit.environment;
    Ordered& decided = state.decided;
    if (decided.attempt != attempt || (attempt > 0 && !decided.finished)) {
      return false;
    }
    decided.wanted = commit;
    decided.at = edit.fact.at;
    decided.attempt = attempt + 1;
    decided.finished = false;
    decided.rollback = false;
    decided.retry = false;
    decided.removes = true;
    state.stopped.clear();
    return true;
  };
  return draft;
}

FactDraft RemovalEndDraft(const ReconcileResult& result) {
  const bool gone = result.end == ReconcileEnd::kRemoved;
  FactDraft draft;
  draft.fact.kind = gone ? FactKind::kRemoved : FactKind::kFailed;
  draft.fact.at = result.at;
  draft.fact.environment = result.environment;
  draft.fact.project = result.project;
  draft.fact.release = result.release;
  draft.fact.recovered = result.recovered;
  draft.fact.subject = fmt::format("{} {} from {}",
                                   gone ? "removed" : "failed to remove",
                                   result.project.text(),
                                   result.environment.text());
  draft.fact.Add("Attempt", std::to_string(result.attempt));
  if (!gone) {
    draft.fact.Add("Cause", result.detail);
  }
  draft.result = gone ? "success" : "failure";
  draft.change = [result, gone](LogEdit& edit) {
    EnvironmentState& state = *edit.environment;
    const Ordered& decided = state.decided;
    if (decided.attempt != result.attempt || decided.finished || !decided.removes) {
      return false;
    }
    if (gone) {
      Forget(state);
    } else {
      GiveUp(state, result.detail);
    }
    return true;
  };
  return draft;
}

}  // namespace failgate
