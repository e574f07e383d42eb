#include "controller/cli/commands/accept_history.h"

#include <nlohmann/json.hpp>

#include "controller/cli/api_client.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"

namespace failgate {

int RunAcceptHistory(const AcceptHistoryOptions& options, CommandContext& context) {
  const ClientResponse response =
      ApiClient(context).Post(ApiPath({"operations", "accept-history"}),
                              {{"commit", options.commit}, {"reason", options.reason}});
  if (options.json) {
    context.terminal.Json(response.body);
  }
  if (Succeeded(response, context.terminal) && !options.json) {
    context.terminal.Line(TextField(ParseAnswer(response.body), "message"));
  }
  return ExitCodeOf(response);
}

}  // namespace failgate
