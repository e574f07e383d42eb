#include "controller/cli/commands/why.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/api/json.h"
#include "controller/base/text.h"
#include "controller/cli/api_client.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"
#include "controller/cli/offline_clone.h"
#include "controller/cli/state_colour.h"
#include "controller/cli/table.h"
#include "controller/promotion/ladder_report.h"
#include "controller/promotion/release_facts.h"

namespace failgate {
namespace {

Problem ProblemOf(const nlohmann::json& json) {
  Problem problem;
  problem.file = TextField(json, "file");
  problem.line = static_cast<int>(NumberField(json, "line").value_or(0));
  problem.column = static_cast<int>(NumberField(json, "column").value_or(0));
  problem.text = TextField(json, "text");
  return problem;
}

void PrintAnswer(const nlohmann::json& answer, Terminal& terminal) {
  const std::string release = TextField(answer, "release");
  const std::string state = TextField(answer, "state");
  terminal.Line(fmt::format("{} in {}: {}{}",
                            TextField(answer, "project"),
                            TextField(answer, "environment"),
                            terminal.Paint(ColourOf(state), state),
                            release.empty() ? "" : ", looking at " + release));
  const std::string text = TextField(answer, "text");
  const std::vector<nlohmann::json> problems = ItemsField(answer, "problems");
  // With problems the text is the first of them.
  if (!text.empty() && problems.empty()) {
    terminal.Line("  " + text);
  }
  for (const nlohmann::json& problem : problems) {
    terminal.Line("  " + Describe(ProblemOf(problem)));
  }
  PrintGates(answer, terminal);
  const std::vector<std::string> next = TextsField(answer, "next");
  terminal.Line(next.empty() ? "next: nothing to do" : "next:");
  for (const std::string& command : next) {
    terminal.Line("  " + command);
  }
}

/// Some gate looks at the commits of a release, which no clone of the operations repository has.
bool AsksForCommits(const OperationsView& view, const EnvironmentProject& pair) {
  const Policy policy = PolicyFor(view, pair);
  return policy.signed_commits.has_value() || AsksForAuthors(policy);
}

}  // namespace

void PrintGates(const nlohmann::json& answer, Terminal& terminal) {
  Table table({"GATE", "VERDICT", "REASON"});
  for (const nlohmann::json& gate : ItemsField(answer, "gates")) {
    const std::string verdict = TextField(gate, "verdict");
    const std::string until = TextField(gate, "until");
    const bool advises = TextField(gate, "mode") == "advise";
    table.Add({TextField(gate, "gate"),
               {verdict + (advises ? " (advice)" : ""), ColourOf(verdict)},
               TextField(gate, "reason") + (until.empty() ? "" : " (until " + until + ")")});
  }
  if (!table.empty()) {
    table.Print(terminal);
  }
}

int RunWhy(const WhyOptions& options, CommandContext& context) {
  if (options.source && !options.clone) {
    context.terminal.Error("--source goes with --repo CLONE: the server knows its sources itself");
    return kExitUsage;
  }
  std::string body;
  if (options.clone) {
    const auto snapshot = OpenClone(*options.clone, context, options.source);
    if (!snapshot) {
      return kExitFailed;
    }
    const auto answer =
        WhyOf(*snapshot, {EnvironmentName(options.environment), ProjectName(options.project)});
    if (!answer) {
      context.terminal.Error(
          fmt::format("{0} is not deployed in {1}: main has no environments/{1}/{0}.yaml",
                      options.project,
                      options.environment));
      return kExitFailed;
    }
    if (!options.source &&
        AsksForCommits(*snapshot->view, {answer->environment, answer->project})) {
      context.terminal.Note(
          "without --source CLONE of the source nobody knows here who wrote and signed its "
          "commits: "
          "gates that ask for that wait");
    }
    body = WhyJson(*answer);
  } else {
    const ClientResponse response = ApiClient(context).Get(
        ApiPath({"projects", options.project, "environments", options.environment, "why"}));
    if (!Succeeded(response, context.terminal)) {
      return ExitCodeOf(response);
    }
    body = response.body;
  }
  const nlohmann::json answer = ParseAnswer(body);
  if (options.json) {
    context.terminal.Json(
        OnlyFields(body, {"project", "environment", "release", "state", "gates", "next"}));
  } else {
    PrintAnswer(answer, context.terminal);
  }
  return kExitDone;
}

}  // namespace failgate
