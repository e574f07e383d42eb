#include "controller/cli/commands/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/base/text.h"
#include "controller/cli/doctor_checks.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/server_settings.h"
#include "controller/cli/state_colour.h"

namespace failgate {
namespace {

/// Slow checks are told as they end.
class Report {
 public:
  Report(bool json, Terminal& terminal) : json_(json), terminal_(terminal) {}

  void Add(const std::vector<DoctorCheck>& checks) {
    for (const DoctorCheck& check : checks) {
      failed_ = failed_ || check.state == CheckState::kFail;
      if (json_) {
        rows_.push_back({{"check", check.name},
                         {"state", Word(check.state)},
                         {"text", check.text},
                         {"remedy", check.remedy}});
        continue;
      }
      const std::string word = Word(check.state);
      terminal_.Line(
          fmt::format("{}{} {}: {}{}",
                      terminal_.Paint(ColourOf(word), word),
                      std::string(word.size() < 4 ? 4 - word.size() : 0, ' '),
                      check.name,
                      EscapeControls(check.text),
                      check.remedy.empty() ? "" : " -> " + EscapeControls(check.remedy)));
    }
  }

  int Finish() {
    if (json_) {
      terminal_.Line(rows_.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
    return failed_ ? kExitFailed : kExitDone;
  }

 private:
  bool json_;
  Terminal& terminal_;
  nlohmann::json rows_ = nlohmann::json::array();
  bool failed_ = false;
};

}  // namespace

int RunDoctor(const DoctorOptions& options, CommandContext& context) {
  Report report(options.json, context.terminal);
  ProcessRunner processes;
  report.Add(CheckPrograms(processes));
  report.Add({CheckClock(context.clock)});
  std::filesystem::path config = options.config.value_or(kStandardServerFile);
  if (!options.config && !std::filesystem::exists(config)) {
    report.Add({CheckSandbox(processes, {})});
    report.Add(CheckServersNearby());
    report.Add({{"server file",
                 CheckState::kWarn,
                 fmt::format("{} is not there", kStandardServerFile),
                 "name yours with --config FILE, or make one: failgate init operations DIR"}});
    return report.Finish();
  }
  const Parsed<ServerFile> server = LoadServerFile(config);
  if (!server) {
    for (const Problem& problem : server.error()) {
      report.Add({{"server file", CheckState::kFail, Describe(problem), "mend the file"}});
    }
    report.Add({CheckSandbox(processes, {})});
    return report.Finish();
  }
  report.Add({{"server file", CheckState::kOk, fmt::format("{} is valid", config.string()), ""}});
  report.Add({server->runner.sandbox == SandboxMode::kRequired
                  ? CheckSandbox(processes, server->data_dir)
                  : DoctorCheck{"sandbox",
                                CheckState::kWarn,
                                "steps run without a sandbox",
                                "write sandbox: required unless every pusher is trusted"}});
  report.Add(CheckKeys(*server));
  report.Add(CheckPolicy(*server, processes, context.clock.Now()));
  report.Add(CheckSecrets(*server, context.environment));
  report.Add(CheckFolders(*server));
  report.Add(CheckDvcFolders(*server));
  report.Add(CheckRemotes(*server, context.environment, processes));
  report.Add(CheckMlflow(*server, context.environment));
  report.Add(CheckBuckets(*server, context.environment));
  report.Add(CheckServersNearby());
  report.Add({CheckListening(*server)});
  return report.Finish();
}

}  // namespace failgate
