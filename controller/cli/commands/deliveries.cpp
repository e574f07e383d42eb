#include "controller/cli/commands/deliveries.h"

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

std::string RefsOf(const nlohmann::json& delivery) {
  std::vector<std::string> refs;
  for (const nlohmann::json& ref : ItemsField(delivery, "refs")) {
    refs.push_back(TextField(ref, "ref") +
                   (TextField(ref, "deleted") == "yes" ? " (deleted)" : ""));
  }
  return Join(refs, ", ");
}

std::string OutcomeOf(const nlohmann::json& delivery) {
  const bool there = delivery.is_object() && delivery.contains("outcome");
  return there && !delivery["outcome"].is_null() ? delivery["outcome"].dump() : std::string();
}

}  // namespace

int RunDeliveryList(const DeliveryListOptions& options, CommandContext& context) {
  const ApiClient client(context);
  const auto page = [&](const std::string& before, std::size_t limit) {
    return client.Get(ApiPath({"deliveries"}),
                      {{"source", options.source},
                       {"status", options.status},
                       {"before", before},
                       {"limit", std::to_string(limit)}});
  };
  const PagedItems deliveries = ReadPages(page, options.limit, context.terminal);
  if (!deliveries.items) {
    return deliveries.exit_code;
  }
  if (options.json) {
    context.terminal.Json(deliveries.json);
    return kExitDone;
  }
  Table table({"DELIVERY", "SOURCE", "PROVIDER", "EVENT", "STATUS", "REFS", "RECEIVED"});
  for (const nlohmann::json& delivery : *deliveries.items) {
    const std::string status = TextField(delivery, "status");
    table.Add({TextField(delivery, "id"),
               TextField(delivery, "source"),
               TextField(delivery, "provider"),
               TextField(delivery, "event"),
               {status, ColourOf(status)},
               RefsOf(delivery),
               TextField(delivery, "received")});
  }
  if (table.empty()) {
    context.terminal.Line("no deliveries");
  } else {
    table.Print(context.terminal);
  }
  return kExitDone;
}

int RunDeliveryShow(const DeliveryShowOptions& options, CommandContext& context) {
  const ClientResponse response = ApiClient(context).Get(ApiPath({"deliveries", options.delivery}));
  if (!Succeeded(response, context.terminal)) {
    return ExitCodeOf(response);
  }
  if (options.json) {
    context.terminal.Json(response.body);
    return kExitDone;
  }
  const nlohmann::json delivery = ParseAnswer(response.body);
  for (const char* key : {"id",
                          "source",
                          "provider",
                          "delivery",
                          "event",
                          "status",
                          "ignored_because",
                          "received",
                          "finished",
                          "bytes",
                          "digest",
                          "remote",
                          "replays"}) {
    const std::string value = TextField(delivery, key);
    if (!value.empty()) {
      context.terminal.Line(fmt::format("{:<17}{}", std::string(key) + ":", value));
    }
  }
  context.terminal.Line(fmt::format("{:<17}{}", "refs:", RefsOf(delivery)));
  const std::string outcome = OutcomeOf(delivery);
  if (!outcome.empty()) {
    context.terminal.Line(fmt::format("{:<17}{}", "outcome:", EscapeControls(outcome)));
  }
  for (const nlohmann::json& header : ItemsField(delivery, "headers")) {
    context.terminal.Line(
        fmt::format("  {}: {}", TextField(header, "name"), TextField(header, "value")));
  }
  return kExitDone;
}

int RunDeliveryReplay(const DeliveryReplayOptions& options, CommandContext& context) {
  const ClientResponse response = ApiClient(context).Post(
      ApiPath({"deliveries", options.delivery, "replay"}), nlohmann::json::object());
  if (!Succeeded(response, context.terminal)) {
    return ExitCodeOf(response);
  }
  context.terminal.Line(fmt::format("delivery {} is queued again",
                                    TextField(ParseAnswer(response.body), "delivery")));
  return kExitDone;
}

}  // namespace failgate
