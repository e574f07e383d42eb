#include "controller/promotion/hold.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/promotion/fact_trailers.h"
#include "controller/promotion/signer_role.h"

namespace failgate {
namespace {

/// As a fact's trailer holds it.
constexpr std::size_t kMaxReason = 4000;

std::string ToldReason(const std::string& reason) {
  return OneLine(Redact(reason), kMaxReason);
}

bool SaysTheSame(const StandingHold& told, const Hold& asked) {
  return told.until == asked.until && told.healing == asked.healing &&
         told.reason == ToldReason(asked.reason);
}

StandingHold BegunBy(const Wish& wish, const Hold& asked, TimePoint now) {
  StandingHold hold;
  hold.by = ParsePerson(TrailerPerson(wish.requester)).value_or(wish.requester);
  hold.reason = ToldReason(asked.reason);
  hold.until = asked.until;
  hold.healing = asked.healing;
  hold.wanted = wish.commit.text();
  hold.at = std::chrono::floor<std::chrono::seconds>(now);
  return hold;
}

/// Empty: it is a person's who may hold and resume.
std::string WhoMayNotHold(const Policy& policy, const EnvironmentState& state, const Wish& wish) {
  if (!wish.HasPerson()) {
    return wish.Nobody();
  }
  if (wish.by_api) {
    return {};
  }
  if (!SignsAsApprover(policy, wish.requester.email)) {
    return FormatPerson(wish.requester) + ", who signed the commit and is no approver here,";
  }
  return state.refused == wish.commit.text() ? "a commit that was refused before" : "";
}

}  // namespace

HoldLook LookAtHold(const Situation& situation,
                    const EnvironmentProject& pair,
                    const EnvironmentState& state,
                    WishFinder& wishes) {
  const Desired* desired = situation.DesiredOf(pair);
  const bool asked = desired != nullptr && desired->hold.has_value() &&
                     !IsOver(desired->hold->until, situation.now);
  const std::optional<StandingHold>& told = state.hold;
  HoldLook look;
  look.hold = told;
  if (!asked && !told) {
    return look;
  }
  if (asked && told && SaysTheSame(*told, *desired->hold)) {
    return look;
  }
  auto wish = wishes.FindHold(situation.operations, situation.main, pair);
  // What main deploys no more has no policy that names approvers: no signature is enough there.
  const Policy policy = IsDeployed(situation.view, pair) ? situation.PolicyOf(pair) : Policy();
  look.who = wish ? WhoMayNotHold(policy, state, *wish) : Wish{}.Nobody();
  const bool by_person = wish && look.who.empty();
  if (asked && by_person) {
    look.hold = BegunBy(*wish, *desired->hold, situation.now);
    look.change = HoldChange{HoldChange::Kind::kHeld, *look.hold, std::move(wish)};
    return look;
  }
  const bool over = told && IsOver(told->until, situation.now);
  if (over || (!asked && by_person)) {
    look.change = HoldChange{over ? HoldChange::Kind::kExpired : HoldChange::Kind::kResumed,
                             *told,
                             over ? std::nullopt : wish};
    look.hold.reset();
    if (!asked) {
      return look;
    }
  }
  look.refused = wish ? std::move(*wish) : Wish{};
  if (look.refused->commit.empty()) {
    look.refused->commit = situation.main;  // main was exchanged: it has no commit of the hold
  }
  return look;
}

bool IsDeployed(const OperationsView& view, const EnvironmentProject& pair) {
  const auto& rungs = view.ladder.order;
  return view.deployments.count(pair) > 0 &&
         std::find(rungs.begin(), rungs.end(), pair.first) != rungs.end();
}

std::vector<std::pair<EnvironmentProject, HoldChange>> HoldChangesOfUndeployed(
    const Situation& situation, const LogView& log, WishFinder& wishes) {
  std::vector<std::pair<EnvironmentProject, HoldChange>> changes;
  for (const auto& [pair, file] : log.environments) {
    if (!file.state->hold || IsDeployed(situation.view, pair)) {
      continue;
    }
    auto change = LookAtHold(situation, pair, *file.state, wishes).change;
    if (change) {
      changes.emplace_back(pair, std::move(*change));
    }
  }
  return changes;
}

std::string HoldText(const StandingHold& hold) {
  return fmt::format("held by {}{}: {}{}",
                     FormatPerson(hold.by),
                     hold.until ? " until " + FormatTime(*hold.until) : "",
                     hold.reason,
                     hold.healing ? "" : "; drift is told and not repaired");
}

std::string ResumeCommand(const EnvironmentProject& pair) {
  return fmt::format("failgate resume {} {}", pair.second.text(), pair.first.text());
}

}  // namespace failgate
