// What the kinds of wishes have in common: the request, where it stands, and writing it to main.
#pragma once

#include <optional>
#include <string>

#include "controller/deploylog/deploy_log.h"
#include "controller/promotion/main_writer.h"
#include "controller/promotion/request_answer.h"
#include "controller/promotion/situation.h"
#include "controller/store/request_store.h"

namespace failgate {

/// Lives for one request.
struct RequestedWork {
  const Request& request;
  const Situation& situation;
  DeployLog& log;
  const SigningKey& key;
  EnvironmentProject pair;
  EnvironmentState state;
};

[[nodiscard]] RequestAnswer NoSuchThing(const std::string& what);
[[nodiscard]] RequestAnswer AcceptRequest(std::string message, const CommitId& commit);
/// Of one draft: nullopt when the log said it already.
[[nodiscard]] RequestAnswer AcceptFact(const std::vector<std::optional<CommitId>>& written,
                                       const std::string& message);

/// Fills in the pair's desired file, the request and its person, and writes; `restate` is the
/// caller's. Throws as WriteMain.
[[nodiscard]] RequestAnswer WriteDesired(const RequestedWork& work,
                                         MainEdit edit,
                                         const std::string& message);

/// The hold that is in effect, or is about to be: main has it and the log is told of it soon.
[[nodiscard]] std::optional<std::string> HeldBecause(const RequestedWork& work);

/// `override` (override_request.cpp).
[[nodiscard]] RequestAnswer CarryOutOverride(const RequestedWork& work);
/// `remove` (removal_request.cpp).
[[nodiscard]] RequestAnswer CarryOutRemoval(const RequestedWork& work);
/// The same where main does not deploy the project any more, or has no such environment: nobody
/// judges such a pair, so the order is written here.
[[nodiscard]] RequestAnswer CarryOutRemovalOfUndeployed(const RequestedWork& work);
/// `hold` and `resume` (hold_request.cpp).
[[nodiscard]] RequestAnswer CarryOutHold(const RequestedWork& work);
[[nodiscard]] RequestAnswer CarryOutResume(const RequestedWork& work);
/// The same where main does not deploy the project any more. The pair must be held.
[[nodiscard]] RequestAnswer CarryOutResumeOfUndeployed(const RequestedWork& work);

}  // namespace failgate
