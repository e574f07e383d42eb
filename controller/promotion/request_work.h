// Carries out what a person asked through the API: each kind of wish, its checks and its writing.
#pragma once

#include "controller/deploylog/deploy_log.h"
#include "controller/promotion/request_answer.h"
#include "controller/promotion/situation.h"
#include "controller/store/request_store.h"

namespace failgate {

/// The caller has fetched both branches; `situation` is what they say. Written when it returns: on
/// the remote. Throws Error when the remote fails (the request stays open and is tried again; every
/// kind is idempotent by the request's id or by what it wishes).
[[nodiscard]] RequestAnswer CarryOut(const Request& request,
                                     const Situation& situation,
                                     DeployLog& log,
                                     const SigningKey& key);

}  // namespace failgate
