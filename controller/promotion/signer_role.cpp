#include "controller/promotion/signer_role.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/promotion/candidates.h"

namespace failgate {
namespace {

bool Names(const std::vector<std::string>& people, const std::string& email) {
  return std::any_of(people.begin(), people.end(), [&](const std::string& person) {
    return SamePerson(person, email);
  });
}

std::string AsksAnApprover(const char* what, const EnvironmentProject& pair, const Wish& wish) {
  return fmt::format(
      "{} asks the role approver: {} signed it and is named neither by approvals: from nor by "
      "override: from of {}",
      what,
      FormatPerson(wish.requester),
      pair.first.text());
}

std::string AsksAReason(const char* what) {
  return fmt::format("{} asks a reason: write it into the body of the commit", what);
}

}  // namespace

bool SignsAsApprover(const Policy& policy, const std::string& email) {
  return (policy.approvals && Names(policy.approvals->from, email)) ||
         Names(policy.override_from, email);
}

std::optional<std::string> WhySignerMayNotExcept(const Policy& policy,
                                                 const EnvironmentProject& pair,
                                                 const Wish& wish,
                                                 bool hits) {
  if (!SignsAsApprover(policy, wish.requester.email)) {
    return AsksAnApprover("changing except", pair, wish);
  }
  return hits && wish.reason.empty() ? std::optional(AsksAReason("excepting what runs"))
                                     : std::nullopt;
}

std::optional<std::string> WhySignerMayNot(const Policy& policy,
                                           const EnvironmentState& state,
                                           const EnvironmentProject& pair,
                                           const ReleaseName& release,
                                           const Wish& wish) {
  const bool approver = SignsAsApprover(policy, wish.requester.email);
  const bool back = !state.running.empty() && ReleaseNumber(release) < ReleaseNumber(state.running);
  if (back) {
    const HistoryEntry* end = state.LastEnd(release);
    if (!approver) {
      return AsksAnApprover("a rollback", pair, wish);
    }
    if (wish.reason.empty()) {
      return AsksAReason("a rollback");
    }
    if (end != nullptr && end->end == DeploymentEnd::kRolledBack) {
      return fmt::format("{} was taken back in {} and is never chosen there again",
                         release.text(),
                         pair.first.text());
    }
    if (end == nullptr || end->end != DeploymentEnd::kHealthy) {
      return fmt::format(
          "{} never ran well in {}: name one that did", release.text(), pair.first.text());
    }
  }
  if (wish.changes_except) {
    if (auto why = WhySignerMayNotExcept(policy, pair, wish, false)) {
      return why;
    }
  }
  if (!approver && !AsksForApprovals(policy)) {
    return AsksAnApprover("naming a release where no approval of others is needed", pair, wish);
  }
  return std::nullopt;
}

}  // namespace failgate
