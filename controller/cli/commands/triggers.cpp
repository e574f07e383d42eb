#include "controller/cli/commands/triggers.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/cli/api_client.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"

namespace failgate {

int RunRunProject(const RunProjectOptions& options, CommandContext& context) {
  nlohmann::json body = nlohmann::json::object();
  if (!options.revision.empty()) {
    body["revision"] = options.revision;
  }
  if (!options.training.empty()) {
    body["training"] = options.training;
  }
  if (options.again) {
    body["again"] = true;
  }
  const ClientResponse response =
      ApiClient(context).Post(ApiPath({"projects", options.project, "run"}), body);
  if (!Succeeded(response, context.terminal)) {
    return ExitCodeOf(response);
  }
  if (options.json) {
    context.terminal.Json(response.body);
    return kExitDone;
  }
  const std::string run = TextField(ParseAnswer(response.body), "run");
  context.terminal.Line(fmt::format("run {} of {} is queued", run, options.project));
  context.terminal.Note(fmt::format("follow it: failgate runs logs -f {}", run));
  return kExitDone;
}

int RunSync(const SyncOptions& options, CommandContext& context) {
  const ClientResponse response = ApiClient(context).Post(
      ApiPath({"sources", options.source, "sync"}), nlohmann::json::object());
  if (!Succeeded(response, context.terminal)) {
    return ExitCodeOf(response);
  }
  context.terminal.Line(fmt::format("{} is looked at now", options.source));
  return kExitDone;
}

}  // namespace failgate
