// `failgate accept-history`: an operator takes a rewritten branch as it is now.
#pragma once

#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct AcceptHistoryOptions {
  std::string commit;  ///< the head that was examined, in full
  std::string reason;
  bool json = false;
};
int RunAcceptHistory(const AcceptHistoryOptions& options, CommandContext& context);

}  // namespace failgate
