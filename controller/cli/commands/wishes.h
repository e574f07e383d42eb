// What people ask of environments: promote, approve, reject, withdraw, rollback, retry, hold,
// resume, remove, override.
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

struct OverrideOptions {
  std::string release;
  std::string environment;
  std::string gate;
  std::string expires;  ///< a duration
  std::string reason;
  bool json = false;
};
int RunOverride(const OverrideOptions& options, CommandContext& context);

struct RollbackOptions {
  std::string project;
  std::string environment;
  std::string to;       ///< empty = the previous healthy release
  std::string because;  ///< "code", "data", "both", "all", or empty
  std::string reason;
  bool json = false;
};
int RunRollback(const RollbackOptions& options, CommandContext& context);

/// A wish about what stands in an environment, whatever the release.
struct PairWishOptions {
  std::string verb;  ///< "retry", "resume", "remove"
  std::string project;
  std::string environment;
  std::string reason;  ///< empty = none
  bool json = false;
};
int AskPairWish(const PairWishOptions& options, CommandContext& context);

struct HoldOptions {
  std::string project;
  std::string environment;
  std::string until;    ///< a time or a duration; empty = until it is resumed
  std::string healing;  ///< "on", "off", or empty
  std::string reason;
  bool json = false;
};
int RunHold(const HoldOptions& options, CommandContext& context);

}  // namespace failgate
