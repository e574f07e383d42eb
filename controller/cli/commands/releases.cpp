#include "controller/cli/commands/releases.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/base/text.h"
#include "controller/cli/api_client.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"
#include "controller/cli/paging.h"
#include "controller/cli/table.h"

namespace failgate {
namespace {

constexpr std::size_t kShortId = 12;

std::string ArtifactNames(const nlohmann::json& release) {
  std::vector<std::string> names;
  for (const nlohmann::json& artifact : ItemsField(release, "artifacts")) {
    names.push_back(TextField(artifact, "name"));
  }
  return Join(names, ", ");
}

void PrintChange(const char* name,
                 const nlohmann::json& diff,
                 const char* key,
                 Terminal& terminal) {
  const nlohmann::json change =
      diff.is_object() && diff.contains(key) ? diff[key] : nlohmann::json();
  const std::string from = TextField(change, "from");
  const std::string to = TextField(change, "to");
  terminal.Line(from == to ? fmt::format("{}: same", name)
                           : fmt::format("{}: {} -> {}",
                                         name,
                                         from.empty() ? "nothing" : from,
                                         to.empty() ? "nothing" : to));
}

}  // namespace

int RunReleases(const ReleasesOptions& options, CommandContext& context) {
  const ApiClient client(context);
  const auto page = [&](const std::string& before, std::size_t limit) {
    return client.Get(ApiPath({"projects", options.project, "releases"}),
                      {{"before", before}, {"limit", std::to_string(limit)}});
  };
  const auto rows = ReadPages(page, options.limit, context.terminal);
  if (!rows.items) {
    return rows.exit_code;
  }
  if (options.json) {
    context.terminal.Json(rows.json);
    return kExitDone;
  }
  Table table({"RELEASE", "REVISION", "DATA", "CREATED", "ARTIFACTS", "RUNS IN"});
  for (const nlohmann::json& row : *rows.items) {
    table.Add({TextField(row, "name"),
               TextField(row, "revision").substr(0, kShortId),
               OneLine(TextField(row, "data"), 40),
               TextField(row, "created"),
               ArtifactNames(row),
               Join(TextsField(row, "environments"), ", ")});
  }
  if (table.empty()) {
    context.terminal.Line(fmt::format("{} has no release yet", options.project));
  } else {
    table.Print(context.terminal);
  }
  return kExitDone;
}

int RunDiff(const DiffOptions& options, CommandContext& context) {
  const ClientResponse response = ApiClient(context).Get(
      ApiPath({"projects", options.project, "environments", options.environment, "diff"}),
      {{"release", options.release}});
  if (!Succeeded(response, context.terminal)) {
    return ExitCodeOf(response);
  }
  if (options.json) {
    context.terminal.Json(response.body);
    return kExitDone;
  }
  const nlohmann::json diff = ParseAnswer(response.body);
  const std::string from = TextField(diff, "from");
  context.terminal.Line(fmt::format("{} in {}: {} -> {}{}",
                                    options.project,
                                    options.environment,
                                    from.empty() ? "nothing" : from,
                                    TextField(diff, "to"),
                                    TextField(diff, "same") == "yes" ? " (no change)" : ""));
  PrintChange("revision", diff, "revision", context.terminal);
  PrintChange("data", diff, "data", context.terminal);
  PrintChange("deploy", diff, "deploy", context.terminal);
  PrintChange("policy", diff, "policy", context.terminal);
  Table table({"ARTIFACT", "CHANGE", "FROM", "TO"});
  for (const nlohmann::json& artifact : ItemsField(diff, "artifacts")) {
    table.Add({TextField(artifact, "name"),
               TextField(artifact, "change"),
               TextField(artifact, "from").substr(0, kShortId),
               TextField(artifact, "to").substr(0, kShortId)});
  }
  if (!table.empty()) {
    table.Print(context.terminal);
  }
  return kExitDone;
}

}  // namespace failgate
