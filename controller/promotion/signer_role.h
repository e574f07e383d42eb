// What a person may ask for who signs a commit by hand: there is no token that names a role. Pure.
#pragma once

#include <optional>
#include <string>

#include "controller/deploylog/log_state.h"
#include "controller/promotion/operations_files.h"
#include "controller/promotion/wish.h"
#include "policies/policy.h"

namespace failgate {

/// Who is named by `approvals: from` or `override: from` of the environment acts as approver there,
/// whoever else is in people_signers as developer.
[[nodiscard]] bool SignsAsApprover(const Policy& policy, const std::string& email);

/// Why the signer may not ask for `release` there by this commit, one sentence; nullopt: he may.
/// Going back asks an approver, a reason and a release that ran well there.
[[nodiscard]] std::optional<std::string> WhySignerMayNot(const Policy& policy,
                                                         const EnvironmentState& state,
                                                         const EnvironmentProject& pair,
                                                         const ReleaseName& release,
                                                         const Wish& wish);

/// Why the signer may not change `except` so; `hits`: what runs is excepted now, so this is a way
/// back.
[[nodiscard]] std::optional<std::string> WhySignerMayNotExcept(const Policy& policy,
                                                               const EnvironmentProject& pair,
                                                               const Wish& wish,
                                                               bool hits);

}  // namespace failgate
