#include "controller/cli/commands/runs.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/base/text.h"
#include "controller/cli/api_client.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"
#include "controller/cli/paging.h"
#include "controller/cli/state_colour.h"
#include "controller/cli/table.h"

namespace failgate {
namespace {

constexpr std::size_t kShortId = 12;

std::string DurationOf(const nlohmann::json& row) {
  const auto milliseconds = NumberField(row, "duration_ms");
  return milliseconds ? HumanDuration(Milliseconds(*milliseconds)) : std::string();
}

void PrintField(const char* name, const std::string& value, Terminal& terminal) {
  if (!value.empty()) {
    terminal.Line(fmt::format("{:<13}{}", std::string(name) + ":", value));
  }
}

/// "3 of 9, auc 0.861"
std::string ProgressOf(const nlohmann::json& step) {
  const auto found = step.find("progress");
  if (found == step.end() || !found->is_object()) {
    return {};
  }
  std::vector<std::string> parts;
  const std::string of = TextField(*found, "of");
  const std::string done = TextField(*found, "step");
  if (!done.empty()) {
    parts.push_back(of.empty() ? "step " + done : done + " of " + of);
  }
  const auto metrics = found->find("metrics");
  if (metrics != found->end() && metrics->is_object()) {
    for (const auto& metric : metrics->items()) {
      if (metric.value().is_number()) {
        parts.push_back(metric.key() + " " + FormatNumber(metric.value().get<double>()));
      }
    }
  }
  return Join(parts, ", ");
}

void PrintRun(const nlohmann::json& run, Terminal& terminal) {
  const std::string state = TextField(run, "state");
  PrintField("run", TextField(run, "id"), terminal);
  PrintField("project", TextField(run, "project"), terminal);
  PrintField("state", terminal.Paint(ColourOf(state), state), terminal);
  PrintField("reason", TextField(run, "reason"), terminal);
  PrintField("trigger", TextField(run, "trigger"), terminal);
  PrintField("training", TextField(run, "training"), terminal);
  PrintField("ref", TextField(run, "ref"), terminal);
  PrintField("revision", TextField(run, "revision"), terminal);
  PrintField("data", TextField(run, "data"), terminal);
  PrintField("created", TextField(run, "created"), terminal);
  PrintField("duration", DurationOf(run), terminal);
  PrintField("release", TextField(run, "release"), terminal);
  PrintField("requested by", TextField(run, "requested_by"), terminal);
  PrintField("superseded by", TextField(run, "superseded_by"), terminal);
  Table table({"STEP", "LEVEL", "STATE", "DURATION", "EXIT", "REASON"});
  for (const nlohmann::json& step : ItemsField(run, "steps")) {
    const std::string step_state = TextField(step, "state");
    table.Add({TextField(step, "name"),
               TextField(step, "level"),
               {step_state, ColourOf(step_state)},
               DurationOf(step),
               TextField(step, "exit_code"),
               step_state == "running" ? ProgressOf(step) : TextField(step, "reason")});
  }
  if (!table.empty()) {
    table.Print(terminal);
  }
}

}  // namespace

int RunRunList(const RunListOptions& options, CommandContext& context) {
  const ApiClient client(context);
  const auto page = [&](const std::string& before, std::size_t limit) {
    return client.Get(ApiPath({"runs"}),
                      {{"project", options.project},
                       {"state", options.state},
                       {"before", before},
                       {"limit", std::to_string(limit)}});
  };
  const PagedItems runs = ReadPages(page, options.limit, context.terminal);
  if (!runs.items) {
    return runs.exit_code;
  }
  if (options.json) {
    context.terminal.Json(runs.json);
    return kExitDone;
  }
  Table table({"RUN", "PROJECT", "STATE", "TRIGGER", "REVISION", "CREATED", "DURATION", "RELEASE"});
  for (const nlohmann::json& run : *runs.items) {
    const std::string state = TextField(run, "state");
    table.Add({TextField(run, "id"),
               TextField(run, "project"),
               {state, ColourOf(state)},
               TextField(run, "trigger"),
               TextField(run, "revision").substr(0, kShortId),
               TextField(run, "created"),
               DurationOf(run),
               TextField(run, "release")});
  }
  if (table.empty()) {
    context.terminal.Line("no runs");
  } else {
    table.Print(context.terminal);
  }
  return kExitDone;
}

int RunRunShow(const RunShowOptions& options, CommandContext& context) {
  const ClientResponse response = ApiClient(context).Get(ApiPath({"runs", options.run}));
  if (!Succeeded(response, context.terminal)) {
    return ExitCodeOf(response);
  }
  if (options.json) {
    context.terminal.Json(response.body);
  } else {
    PrintRun(ParseAnswer(response.body), context.terminal);
  }
  return kExitDone;
}

int RunRunCancel(const RunCancelOptions& options, CommandContext& context) {
  const ClientResponse response =
      ApiClient(context).Post(ApiPath({"runs", options.run, "cancel"}), nlohmann::json::object());
  if (!Succeeded(response, context.terminal)) {
    return ExitCodeOf(response);
  }
  context.terminal.Line(
      fmt::format("run {} is asked to end", TextField(ParseAnswer(response.body), "run")));
  return kExitDone;
}

}  // namespace failgate
