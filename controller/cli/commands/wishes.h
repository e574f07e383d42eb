// What people ask of environments: promote, approve, reject, withdraw, rollback, retry.
#pragma once

#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct WishOptions {
  std::string verb;     ///< "promote", "approve", "reject", "withdraw"
  std::string release;  ///< "churn-42"
  std::string environment;
  std::string reason;  ///< empty = none
  bool json = false;
};
/// A wish about a release. 0 when it is done or accepted and waits, 3 when a gate refused it.
int AskWish(const WishOptions& options, CommandContext& context);

struct RollbackOptions {
  std::string project;
  std::string environment;
  std::string to;       ///< empty = the previous healthy release
  std::string because;  ///< "code", "data", "both", "all", or empty
  std::string reason;
  bool json = false;
};
int RunRollback(const RollbackOptions& options, CommandContext& context);

struct RetryOptions {
  std::string project;
  std::string environment;
  std::string reason;  ///< empty = none
  bool json = false;
};
int RunRetry(const RetryOptions& options, CommandContext& context);

}  // namespace failgate
