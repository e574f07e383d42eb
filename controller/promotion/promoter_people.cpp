// What the log is told of people's access: tokens, and the keys of people_signers.
#include <limits>
#include <set>

#include "controller/deploylog/people_facts.h"
#include "controller/promotion/promoter.h"

namespace failgate {

/// A database that was lost, or came back from a backup, knows other tokens than were told. Those
/// of which a change is owed are no difference.
std::vector<FactDraft> Promoter::TokensThatDiffer(const PeopleState& told) const {
  const TimePoint now = parts_.clock.Now();
  std::vector<FactDraft> drafts;
  std::set<std::string> known;
  std::set<std::string> owed;
  for (const TokenChange& change :
       parts_.tokens->OwedChanges(std::numeric_limits<std::int32_t>::max())) {
    owed.insert(change.token.identity.id);
  }
  for (const TokenRecord& token : parts_.tokens->List()) {
    const std::string& id = token.identity.id;
    const bool counts = !token.revoked && (!token.expires || *token.expires > now);
    if (counts || owed.count(id) > 0) {
      known.insert(id);
    }
    if (counts && owed.count(id) == 0 && told.tokens.count(id) == 0) {
      drafts.push_back(TokenRestoredDraft(token, now));
    }
  }
  for (const auto& [id, token] : told.tokens) {
    const bool over = token.expires && *token.expires <= now;
    if (!over && known.count(id) == 0) {
      drafts.push_back(TokenLostDraft(id, now));
    }
  }
  return drafts;
}

/// Comes before all that people ask: what they may is told by then.
void Promoter::AddPeople(std::vector<Owed>& owed) {
  const Situation situation = Look();
  if (parts_.trust == nullptr || policy_.in_force) {
    const People& people = situation.view.people;
    owed.push_back({{KeysChangedDraft(KeyLines(people.signers),
                                      people.blob,
                                      situation.policy.empty() ? situation.main : situation.policy,
                                      situation.now)},
                    [] {}});
  }
  if (parts_.tokens == nullptr) {
    return;
  }
  if (!tokens_compared_) {
    owed.push_back({TokensThatDiffer(situation.log.People()), [this] { tokens_compared_ = true; }});
  }
  for (const TokenChange& change : parts_.tokens->OwedChanges(kTokenChangesRemembered)) {
    owed.push_back(
        {{TokenChangedDraft(change)}, [this, id = change.id] { parts_.tokens->MarkTold(id); }});
  }
}

}  // namespace failgate
