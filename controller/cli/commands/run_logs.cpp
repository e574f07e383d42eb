#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/cli/api_client.h"
#include "controller/cli/commands/runs.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"

namespace failgate {
namespace {

constexpr Milliseconds kFollowPause{700};

/// What was read of each step so far: printed at once, or kept for one JSON text.
class LogFollower {
 public:
  LogFollower(const ApiClient& client, const RunLogsOptions& options, Terminal& terminal)
      : client_(client), options_(options), terminal_(terminal) {}

  /// Reads what is new of every step of `run` that began. False after saying why it cannot.
  bool ReadNew(const nlohmann::json& run) {
    for (const nlohmann::json& step : ItemsField(run, "steps")) {
      const std::string name = TextField(step, "name");
      const bool began = NumberField(step, "attempt").value_or(0) > 0;
      if ((options_.step.empty() ? began : name == options_.step) && !ReadStep(name)) {
        return false;
      }
    }
    return true;
  }

  /// [{step, text}] of all that was read.
  [[nodiscard]] std::string Json() const {
    auto array = nlohmann::ordered_json::array();
    for (const auto& [step, text] : kept_) {
      array.push_back({{"step", step}, {"text", text}});
    }
    return array.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }

 private:
  bool ReadStep(const std::string& name) {
    if (options_.json) {
      kept_.emplace_back(name, "");
    }
    for (;;) {
      std::size_t& offset = offsets_[name];
      const ClientResponse response = client_.Get(ApiPath({"runs", options_.run, "logs", name}),
                                                  {{"from", std::to_string(offset)}});
      if (!Succeeded(response, terminal_)) {
        return false;
      }
      if (response.body.empty()) {
        return true;
      }
      Take(name, response.body);
      // The server tells where to go on when what it sends is not what lies on its disk.
      const auto next = ParseNonNegative(response.Header("X-Next-From").value_or(""));
      const std::size_t after =
          next ? static_cast<std::size_t>(*next) : offset + response.body.size();
      if (after <= offset) {
        return true;
      }
      offset = after;
    }
  }

  void Take(const std::string& name, const std::string& text) {
    if (options_.json) {
      kept_.back().second += text;
      return;
    }
    if (options_.step.empty() && name != last_) {
      terminal_.Line(terminal_.Paint(Colour::kFaint, "== " + name));
    }
    last_ = name;
    terminal_.Raw(text);
  }

  const ApiClient& client_;
  const RunLogsOptions& options_;
  Terminal& terminal_;
  std::map<std::string, std::size_t> offsets_;
  std::string last_;
  std::vector<std::pair<std::string, std::string>> kept_;
};

bool HasStep(const nlohmann::json& run, const std::string& name) {
  for (const nlohmann::json& step : ItemsField(run, "steps")) {
    if (TextField(step, "name") == name) {
      return true;
    }
  }
  return false;
}

bool IsGoingOn(const nlohmann::json& run) {
  const std::string state = TextField(run, "state");
  return state == "queued" || state == "running";
}

}  // namespace

int RunRunLogs(const RunLogsOptions& options, CommandContext& context) {
  if (options.json && options.follow) {
    context.terminal.Error("--output json and --follow do not go together: leave one out");
    return kExitUsage;
  }
  const ApiClient client(context);
  LogFollower follower(client, options, context.terminal);
  for (;;) {
    // The state is asked before the logs: what was written until then is printed even when it ends.
    const ClientResponse response = client.Get(ApiPath({"runs", options.run}));
    if (!Succeeded(response, context.terminal)) {
      return ExitCodeOf(response);
    }
    const nlohmann::json run = ParseAnswer(response.body);
    if (!options.step.empty() && !HasStep(run, options.step)) {
      context.terminal.Error(fmt::format("run {} has no step {}: failgate runs show {} names them",
                                         options.run,
                                         options.step,
                                         options.run));
      return kExitFailed;
    }
    if (!follower.ReadNew(run)) {
      return kExitFailed;
    }
    if (options.json) {
      context.terminal.Json(follower.Json());
    }
    if (!options.follow) {
      return kExitDone;
    }
    if (!IsGoingOn(run)) {
      context.terminal.Note("run " + TextField(run, "state"));
      return TextField(run, "state") == "succeeded" ? kExitDone : kExitFailed;
    }
    context.pause(kFollowPause);
  }
}

}  // namespace failgate
