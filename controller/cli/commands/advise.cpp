#include "controller/cli/commands/advise.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/api/json.h"
#include "controller/cli/api_client.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"
#include "controller/cli/offline_clone.h"
#include "controller/promotion/advice.h"

namespace failgate {
namespace {

/// nullopt after saying why the clone cannot be read.
std::optional<std::string> ReadOffline(const AdviseOptions& options, CommandContext& context) {
  const auto snapshot = OpenClone(*options.clone, context);
  if (!snapshot) {
    return std::nullopt;
  }
  LogFilter filter;
  filter.project = ProjectName(options.project);
  filter.limit = kFactsForAdvice;
  std::vector<LogEntry> facts;
  if (snapshot->log_head) {
    const Repository repository = Repository::Open(GitFolderOf(*options.clone));
    facts = ReadHistory(repository, *snapshot->log_head, filter);
  }
  return AdviceJson(AdviceOf(facts, *snapshot->view));
}

}  // namespace

int RunAdvise(const AdviseOptions& options, CommandContext& context) {
  std::string body;
  if (options.clone) {
    auto read = ReadOffline(options, context);
    if (!read) {
      return kExitFailed;
    }
    body = *std::move(read);
  } else {
    const ClientResponse response =
        ApiClient(context).Get(ApiPath({"advice"}), {{"project", options.project}});
    if (!Succeeded(response, context.terminal)) {
      return ExitCodeOf(response);
    }
    body = response.body;
  }
  if (options.json) {
    context.terminal.Json(body);
    return kExitDone;
  }
  const std::vector<nlohmann::json> all = Items(ParseAnswer(body));
  if (all.empty()) {
    context.terminal.Line(
        "nothing to advise: the log shows no habit that automation could take over");
  }
  for (const nlohmann::json& advice : all) {
    context.terminal.Line(fmt::format("{} in {}: {}",
                                      TextField(advice, "project"),
                                      TextField(advice, "environment"),
                                      TextField(advice, "text")));
  }
  return kExitDone;
}

}  // namespace failgate
