// An operator's word that a branch which lost commits shall be taken as it is now.
#pragma once

#include "controller/deploylog/deploy_log.h"
#include "controller/promotion/request_answer.h"
#include "controller/store/request_store.h"
#include "controller/store/run_store.h"

namespace failgate {

inline constexpr const char* kAcceptHistory = "accept-history";

/// Request::options_json is the commit, in full: the head of the rewritten branch that the operator
/// examined. What the lost part of the log told of runs is owed again, so that their releases come
/// back (under new numbers, if those were given anew). Then the fact `history-accepted` names what
/// was lost and who accepted it. Idempotent by the request's id, whatever is killed when. Throws
/// Error when the remote fails: the request stays open.
[[nodiscard]] RequestAnswer CarryOutAcceptance(const Request& request,
                                               DeployLog& log,
                                               RunStore& runs,
                                               TimePoint now);

}  // namespace failgate
