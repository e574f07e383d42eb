// The facts `held` and `resumed` of holds.
#include <fmt/format.h>

#include "controller/promotion/fact_drafts.h"
#include "controller/promotion/fact_trailers.h"

namespace failgate {
namespace {

FactDraft DraftOf(FactKind kind,
                  const char* verb,
                  const EnvironmentProject& pair,
                  const std::optional<Wish>& wish,
                  TimePoint at) {
  FactDraft draft;
  draft.fact.kind = kind;
  draft.fact.at = at;
  draft.fact.environment = pair.first;
  draft.fact.project = pair.second;
  draft.fact.subject = fmt::format("{} {} in {}", verb, pair.second.text(), pair.first.text());
  if (wish) {
    draft.fact.Add("Requested-by", TrailerPerson(wish->requester));
  }
  return draft;
}

void AddOrigin(Fact& fact, const Wish& wish) {
  fact.Add("Via", wish.by_api ? "api" : "commit");
  fact.Add("Wanted", wish.commit.text());
  if (wish.by_api) {
    fact.Add("Request", wish.request);
  } else {
    fact.Add("Signed-with", wish.signed_with);
  }
}

FactDraft Held(const EnvironmentProject& pair, const HoldChange& change, TimePoint at) {
  FactDraft draft = DraftOf(FactKind::kHeld, "held", pair, change.wish, at);
  draft.fact.Add("Reason", change.hold.reason);
  if (change.hold.until) {
    draft.fact.Add("Until", FormatTime(*change.hold.until));
  }
  draft.fact.Add("Healing", change.hold.healing ? "on" : "off");
  AddOrigin(draft.fact, *change.wish);
  draft.change = [hold = change.hold](LogEdit& edit) {
    auto& told = edit.environment->hold;
    if (told && told->wanted == hold.wanted) {
      return false;
    }
    told = hold;
    return true;
  };
  return draft;
}

FactDraft Resumed(const EnvironmentProject& pair, const HoldChange& change, TimePoint at) {
  FactDraft draft = DraftOf(FactKind::kResumed, "resumed", pair, change.wish, at);
  draft.fact.Add("Held", FormatTime(change.hold.at));
  if (change.wish) {
    if (!change.wish->reason.empty()) {
      draft.fact.Add("Reason", change.wish->reason);
    }
    AddOrigin(draft.fact, *change.wish);
  } else {
    draft.fact.Add("Reason", "its time is over");
    draft.fact.Add("Via", "automatic");
  }
  draft.change = [wanted = change.hold.wanted](LogEdit& edit) {
    auto& told = edit.environment->hold;
    if (!told || told->wanted != wanted) {
      return false;
    }
    told.reset();
    return true;
  };
  return draft;
}

}  // namespace

FactDraft HoldDraft(const EnvironmentProject& pair, const HoldChange& change, TimePoint at) {
  return change.kind == HoldChange::Kind::kHeld ? Held(pair, change, at)
                                                : Resumed(pair, change, at);
}

}  // namespace failgate
