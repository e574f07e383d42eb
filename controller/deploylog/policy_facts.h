// What the log says of signed policy: which is in force, and what was refused.
#pragma once

#include <optional>
#include <string>

#include "controller/deploylog/deploy_log.h"
#include "controller/deploylog/fact.h"
#include "controller/trust/policy_trust.h"

namespace failgate {

/// `policy-changed`: names commit, listing, signature and owner, so that git alone proves it;
/// written when the content in force differs from what the log says.
[[nodiscard]] FactDraft PolicyChangedDraft(const PolicyInForce& policy);
/// `policy-changed` without a commit: signatures are not asked for any more.
[[nodiscard]] FactDraft PolicyUnsignedDraft(TimePoint at);
/// `refused`, about the controller: once a content. `standing.refused` must not be empty.
[[nodiscard]] FactDraft PolicyRefusedDraft(const PolicyStanding& standing, TimePoint at);

/// What a `policy-changed` fact says; nullopt: signatures are not asked for any more.
[[nodiscard]] std::optional<PolicyInForce> PolicyOfFact(const WrittenFact& written);
/// PolicyStanding::refused as the `refused` fact tells it.
[[nodiscard]] std::string RefusedPolicyOf(const WrittenFact& written);

}  // namespace failgate
