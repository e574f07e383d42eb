#include "controller/cli/commands/log.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/api/json.h"
#include "controller/cli/api_client.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"
#include "controller/cli/offline_clone.h"
#include "controller/cli/paging.h"
#include "controller/cli/state_colour.h"
#include "controller/cli/table.h"
#include "controller/promotion/promotion_snapshot.h"

namespace failgate {
namespace {

constexpr std::size_t kShortId = 12;

std::string TrailerOf(const nlohmann::json& entry, const std::string& key) {
  for (const nlohmann::json& trailer : ItemsField(entry, "trailers")) {
    if (TextField(trailer, "key") == key) {
      return TextField(trailer, "value");
    }
  }
  return {};
}

/// Who acted: the first of these that the fact names.
std::string ActorOf(const nlohmann::json& entry) {
  for (const char* key : {"Requested-by", "Approved-by", "Rejected-by", "Withdrawn-by"}) {
    std::string person = TrailerOf(entry, key);
    if (!person.empty()) {
      return person;
    }
  }
  return {};
}

void PrintEntries(const std::vector<nlohmann::json>& entries, Terminal& terminal) {
  Table table({"SEQUENCE", "AT", "COMMIT", "FACT", "RESULT", "BY"});
  for (const nlohmann::json& entry : entries) {
    const std::string result = TrailerOf(entry, "Result");
    table.Add({TextField(entry, "sequence"),
               TextField(entry, "at"),
               TextField(entry, "commit").substr(0, kShortId),
               TextField(entry, "subject"),
               {result, ColourOf(result)},
               ActorOf(entry)});
  }
  if (table.empty()) {
    terminal.Line("no facts");
  } else {
    table.Print(terminal);
  }
}

/// The entries as one JSON array; nullopt after saying why not.
std::optional<std::string> ReadOffline(const LogOptions& options, CommandContext& context) {
  const Repository repository = Repository::Open(GitFolderOf(*options.clone));
  const std::optional<CommitId> head = BranchOfClone(repository, "deploy-log");
  if (!head) {
    context.terminal.Error(
        fmt::format("{} has no branch deploy-log: git fetch origin, or name a clone of the "
                    "operations repository",
                    options.clone->string()));
    return std::nullopt;
  }
  LogFilter filter;
  filter.environment = EnvironmentName(options.environment);
  filter.project = ProjectName(options.project);
  filter.limit = options.limit;
  return LogJson(ReadHistory(repository, *head, filter));
}

}  // namespace

int RunLog(const LogOptions& options, CommandContext& context) {
  if (options.clone) {
    const std::optional<std::string> body = ReadOffline(options, context);
    if (!body) {
      return kExitFailed;
    }
    if (options.json) {
      context.terminal.Json(*body);
    } else {
      PrintEntries(Items(ParseAnswer(*body)), context.terminal);
    }
    return kExitDone;
  }
  const ApiClient client(context);
  const auto page = [&](const std::string& before, std::size_t limit) {
    return client.Get(ApiPath({"log"}),
                      {{"environment", options.environment},
                       {"project", options.project},
                       {"before", before},
                       {"limit", std::to_string(limit)}});
  };
  const PagedItems entries = ReadPages(page, options.limit, context.terminal);
  if (!entries.items) {
    return entries.exit_code;
  }
  if (options.json) {
    context.terminal.Json(entries.json);
  } else {
    PrintEntries(*entries.items, context.terminal);
  }
  return kExitDone;
}

}  // namespace failgate
