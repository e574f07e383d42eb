#include "controller/cli/commands/status.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/api/json.h"
#include "controller/cli/api_client.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"
#include "controller/cli/offline_clone.h"
#include "controller/cli/state_colour.h"
#include "controller/cli/table.h"

namespace failgate {
namespace {

void PrintRows(const std::vector<nlohmann::json>& rows, Terminal& terminal) {
  Table table({"PROJECT",
               "ENVIRONMENT",
               "WANTED",
               "DECIDED",
               "RUNNING",
               "HEALTH",
               "DRIFT",
               "STATE",
               "SINCE"});
  for (const nlohmann::json& row : rows) {
    const std::string state = TextField(row, "state");
    const std::string health = TextField(row, "health");
    const std::string drift = TextField(row, "drift");
    table.Add({TextField(row, "project"),
               TextField(row, "environment"),
               TextField(row, "wanted"),
               TextField(row, "decided"),
               TextField(row, "running"),
               {health, ColourOf(health)},
               {drift, ColourOf(drift)},
               {state, ColourOf(state)},
               TextField(row, "since")});
  }
  if (table.empty()) {
    terminal.Line("nothing is deployed anywhere yet");
    return;
  }
  table.Print(terminal);
  for (const nlohmann::json& row : rows) {
    if (TextField(row, "state") == "held") {
      terminal.Line(fmt::format("{} in {}: {}; end it with failgate resume {} {}",
                                TextField(row, "project"),
                                TextField(row, "environment"),
                                TextField(row, "text"),
                                TextField(row, "project"),
                                TextField(row, "environment")));
    }
    if (const std::string notice = TextField(row, "notice"); !notice.empty()) {
      terminal.Line(fmt::format(
          "{} in {}: {}", TextField(row, "project"), TextField(row, "environment"), notice));
    }
  }
}

}  // namespace

int RunStatus(const StatusOptions& options, CommandContext& context) {
  std::string body;
  if (options.clone) {
    const auto snapshot = OpenClone(*options.clone, context);
    if (!snapshot) {
      return kExitFailed;
    }
    body = StatusJson(StatusOf(*snapshot, ProjectName(options.project)));
  } else {
    const ClientResponse response =
        ApiClient(context).Get(ApiPath({"status"}), {{"project", options.project}});
    if (!Succeeded(response, context.terminal)) {
      return ExitCodeOf(response);
    }
    body = response.body;
  }
  const nlohmann::json rows = ParseAnswer(body);
  if (options.json) {
    context.terminal.Json(OnlyFields(body,
                                     {"project",
                                      "environment",
                                      "wanted",
                                      "decided",
                                      "running",
                                      "health",
                                      "drift",
                                      "state",
                                      "since"}));
    return kExitDone;
  }
  PrintRows(Items(rows), context.terminal);
  return kExitDone;
}

}  // namespace failgate
