#include "controller/cli/commands/wishes.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/base/ids.h"
#include "controller/cli/api_client.h"
#include "controller/cli/commands/why.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"

namespace failgate {
namespace {

/// Absent keys are left out: the server refuses keys that make no sense for the verb.
nlohmann::json BodyOf(const std::vector<std::pair<const char*, std::string>>& fields) {
  nlohmann::json body = nlohmann::json::object();
  for (const auto& field : fields) {
    if (!field.second.empty()) {
      body[field.first] = field.second;
    }
  }
  return body;
}

struct Wish {
  std::string project;
  std::string environment;
  std::string verb;
  nlohmann::json body;
  bool json = false;
};

int Ask(const Wish& wish, CommandContext& context) {
  if (!IsValidName(wish.project) || !IsValidName(wish.environment)) {
    context.terminal.Error(
        "projects and environments are named in lower case letters, digits, '.', '_' and '-'");
    return kExitUsage;
  }
  Terminal& terminal = context.terminal;
  const ClientResponse response = ApiClient(context).Post(
      ApiPath({"projects", wish.project, "environments", wish.environment, wish.verb}), wish.body);
  if (wish.json) {
    terminal.Json(response.body);
  }
  const bool succeeded = Succeeded(response, terminal);
  const nlohmann::json answer = nlohmann::json::parse(response.body, nullptr, false);
  if (wish.json) {
    return ExitCodeOf(response);
  }
  if (succeeded) {
    terminal.Line(TextField(answer, "message"));
  }
  const std::string outcome = TextField(answer, "outcome");
  if (!succeeded || (!outcome.empty() && outcome != "passed")) {
    PrintGates(answer, terminal);
  }
  return ExitCodeOf(response);
}

int AskOfRelease(const WishOptions& options,
                 std::vector<std::pair<const char*, std::string>> fields,
                 CommandContext& context) {
  const auto parts = SplitReleaseName(options.release);
  if (!parts) {
    context.terminal.Error(fmt::format(
        "\"{}\" is no release: write PROJECT-NUMBER, such as churn-42", options.release));
    return kExitUsage;
  }
  fields.emplace_back("release", options.release);
  fields.emplace_back("reason", options.reason);
  return Ask({parts->first.text(), options.environment, options.verb, BodyOf(fields), options.json},
             context);
}

}  // namespace

int AskWish(const WishOptions& options, CommandContext& context) {
  return AskOfRelease(options, {}, context);
}

int RunOverride(const OverrideOptions& options, CommandContext& context) {
  return AskOfRelease(
      {"override", options.release, options.environment, options.reason, options.json},
      {{"gate", options.gate}, {"expires", options.expires}},
      context);
}

int RunRollback(const RollbackOptions& options, CommandContext& context) {
  return Ask(
      {options.project,
       options.environment,
       "rollback",
       BodyOf({{"to", options.to}, {"because", options.because}, {"reason", options.reason}}),
       options.json},
      context);
}

int AskPairWish(const PairWishOptions& options, CommandContext& context) {
  return Ask({options.project,
              options.environment,
              options.verb,
              BodyOf({{"reason", options.reason}}),
              options.json},
             context);
}

int RunHold(const HoldOptions& options, CommandContext& context) {
  return Ask(
      {options.project,
       options.environment,
       "hold",
       BodyOf({{"until", options.until}, {"healing", options.healing}, {"reason", options.reason}}),
       options.json},
      context);
}

}  // namespace failgate
