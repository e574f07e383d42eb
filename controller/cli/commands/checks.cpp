#include "controller/cli/commands/checks.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "controller/base/text.h"
#include "controller/cli/api_client.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"
#include "controller/cli/state_colour.h"
#include "controller/cli/table.h"

namespace failgate {
namespace {

std::vector<std::string> PathOf(const ChecksOptions& options) {
  return {"projects", options.project, "environments", options.environment, "checks"};
}

std::string DurationOf(const nlohmann::json& row) {
  const auto milliseconds = NumberField(row, "duration_ms");
  return milliseconds ? HumanDuration(Milliseconds(*milliseconds)) : std::string();
}

/// The one with that id, else the first of that name: the rows begin with the newest.
std::string FindId(const nlohmann::json& checks, const std::string& wanted) {
  std::string found;
  for (const nlohmann::json& check : checks) {
    const std::string id = TextField(check, "id");
    if (id == wanted) return id;
    if (found.empty() && TextField(check, "name") == wanted) found = id;
  }
  return found;
}

int PrintLog(const ApiClient& client,
             const ChecksOptions& options,
             const std::string& id,
             Terminal& terminal) {
  std::vector<std::string> path = PathOf(options);
  path.insert(path.end(), {id, "log"});
  for (long long from = 0;;) {
    const ClientResponse response = client.Get(ApiPath(path), {{"from", std::to_string(from)}});
    if (!Succeeded(response, terminal)) return ExitCodeOf(response);
    terminal.Raw(response.body);
    const auto next = ParseNonNegative(response.Header("X-Next-From").value_or(""));
    if (response.body.empty() || !next || *next <= from) return kExitDone;
    from = *next;
  }
}

}  // namespace

int RunChecks(const ChecksOptions& options, CommandContext& context) {
  if (options.json && !options.log.empty()) {
    context.terminal.Error("--output json and --log do not go together: leave one out");
    return kExitUsage;
  }
  const ApiClient client(context);
  const ClientResponse response = client.Get(ApiPath(PathOf(options)));
  if (!Succeeded(response, context.terminal)) return ExitCodeOf(response);
  if (options.json) {
    context.terminal.Json(response.body);
    return kExitDone;
  }
  const nlohmann::json checks = ParseAnswer(response.body);
  if (!options.log.empty()) {
    const std::string id = FindId(checks, options.log);
    if (id.empty()) {
      context.terminal.Error(
          fmt::format("no check {} ran for {} in {}: failgate checks {} {} lists those that did",
                      OneLine(options.log, 80),
                      options.project,
                      options.environment,
                      options.project,
                      options.environment));
      return kExitFailed;
    }
    return PrintLog(client, options, id, context.terminal);
  }
  Table table({"CHECK", "STATE", "STARTED", "DURATION", "REASON"});
  for (const nlohmann::json& check : checks) {
    const std::string state = TextField(check, "state");
    const std::string name = TextField(check, "name");
    table.Add({name.empty() ? "command" : name,
               {state, ColourOf(state)},
               TextField(check, "started"),
               DurationOf(check),
               TextField(check, "reason")});
  }
  if (table.empty()) {
    context.terminal.Line("no check ran there");
  } else {
    table.Print(context.terminal);
  }
  return kExitDone;
}

}  // namespace failgate
