// Which policy is in force for a pass, and what the log is told of it.
#include <utility>

#include "controller/base/log.h"
#include "controller/deploylog/policy_facts.h"
#include "controller/promotion/promoter.h"

namespace failgate {

/// Nobody but owners says whose log is to be believed, or which key may replace a lost one.
void Promoter::CountSignersOfOwners() {
  if (parts_.trust == nullptr) {
    return;
  }
  parts_.log.CountSignersAt([this](const CommitId& main) -> std::optional<CommitId> {
    const auto controller = LogTree(parts_.log.repository(), parts_.log.LogHead()).Controller();
    const std::optional<PolicyInForce> told = controller ? controller->policy : std::nullopt;
    const PolicyStanding standing =
        parts_.trust->Look(parts_.log.repository(), main, told, parts_.clock.Now());
    return standing.in_force ? std::optional<CommitId>(standing.in_force->commit) : std::nullopt;
  });
}

/// The facts come before every decision that is made under the policy they tell of: an auditor
/// takes each decision to be made under the last one told.
void Promoter::SettlePolicy() {
  const auto main = parts_.log.MainHead();
  const auto controller = LogTree(parts_.log.repository(), parts_.log.LogHead()).Controller();
  const std::optional<PolicyInForce> told = controller ? controller->policy : std::nullopt;
  const TimePoint now = parts_.clock.Now();
  if (parts_.trust == nullptr) {
    if (told) {
      static_cast<void>(Write({PolicyUnsignedDraft(now)}));
    }
    return;
  }
  if (!main) {
    return;  // Look says that there is none
  }
  // Until the facts are on the remote nothing may be decided under it.
  const PolicyStanding before = std::exchange(policy_, PolicyStanding{});
  PolicyStanding standing = parts_.trust->Look(parts_.log.repository(), *main, told, now);
  std::vector<FactDraft> drafts;
  if (standing.in_force) {
    drafts.push_back(PolicyChangedDraft(*standing.in_force));
  }
  if (!standing.refused.empty()) {
    drafts.push_back(PolicyRefusedDraft(standing, now));
  }
  if (!drafts.empty()) {
    static_cast<void>(Write(drafts));
  }
  if (!standing.trouble.empty() && standing.trouble != before.trouble) {
    log::Warning("policy of main is not in force", {{"why", standing.trouble}});
  }
  policy_ = std::move(standing);
}

}  // namespace failgate
