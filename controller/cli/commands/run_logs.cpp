#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/cli/api_client.h"
#include "controller/cli/commands/runs.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"

namespace failgate {
namespace {

constexpr Milliseconds kFollowPause{700};

/// What was printed of each step so far.
class LogFollower {
 public:
  LogFollower(const ApiClient& client, const RunLogsOptions& options, Terminal& terminal)
      : client_(client), options_(options), terminal_(terminal) {}

  /// Prints what is new of every step of `run` that began. False after saying why it cannot.
  bool PrintNew(const nlohmann::json& run) {
    for (const nlohmann::json& step : ItemsField(run, "steps")) {
      const std::string name = TextField(step, "name");
      const bool began = NumberField(step, "attempt").value_or(0) > 0;
      if ((options_.step.empty() ? began : name == options_.step) && !PrintStep(name)) {
        return false;
      }
    }
    return true;
  }

 private:
  bool PrintStep(const std::string& name) {
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
      if (options_.step.empty() && name != last_) {
        terminal_.Line(terminal_.Paint(Colour::kFaint, "== " + name));
      }
      last_ = name;
      terminal_.Raw(response.body);
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

  const ApiClient& client_;
  const RunLogsOptions& options_;
  Terminal& terminal_;
  std::map<std::string, std::size_t> offsets_;
  std::string last_;
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
    if (!follower.PrintNew(run)) {
      return kExitFailed;
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
