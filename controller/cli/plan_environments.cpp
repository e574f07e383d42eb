#include "controller/cli/plan_environments.h"

#include <fmt/format.h>

#include "controller/base/text.h"
#include "controller/cli/state_colour.h"
#include "controller/cli/table.h"

namespace failgate {
namespace {

nlohmann::json ToJson(const ForecastGate& gate) {
  return {{"gate", gate.gate},
          {"mode", Word(gate.mode)},
          {"verdict", gate.verdict ? nlohmann::json(Word(*gate.verdict)) : nlohmann::json()},
          {"reason", gate.reason},
          {"until", gate.until ? nlohmann::json(FormatTime(*gate.until)) : nlohmann::json()}};
}

}  // namespace

nlohmann::json ForecastJson(const std::vector<ForecastEnvironment>& environments) {
  nlohmann::json rows = nlohmann::json::array();
  for (const ForecastEnvironment& environment : environments) {
    nlohmann::json gates = nlohmann::json::array();
    for (const ForecastGate& gate : environment.gates) {
      gates.push_back(ToJson(gate));
    }
    rows.push_back({{"environment", environment.environment.text()},
                    {"policy", Word(environment.last_step)},
                    {"stands", environment.stands},
                    {"gates", std::move(gates)}});
  }
  return rows;
}

void PrintForecast(const std::vector<ForecastEnvironment>& environments, Terminal& terminal) {
  if (environments.empty()) {
    terminal.Line("no environment deploys it: main has no environments/ENVIRONMENT/PROJECT.yaml");
    return;
  }
  terminal.Line("what environments would say of its release now:");
  Table table({"ENVIRONMENT", "POLICY", "GATE", "VERDICT", "REASON"});
  for (const ForecastEnvironment& environment : environments) {
    const std::string name = environment.environment.text();
    const std::string policy = Word(environment.last_step);
    if (!environment.stands.empty()) {
      table.Add({name, policy, "", {"stands", ColourOf("wait")}, environment.stands});
    }
    for (const ForecastGate& gate : environment.gates) {
      const std::string verdict = gate.verdict ? Word(*gate.verdict) : "after the run";
      const std::string until = gate.until ? " (until " + FormatTime(*gate.until) + ")" : "";
      const bool advises = gate.mode == GateMode::kAdvise;
      table.Add({name,
                 policy,
                 gate.gate,
                 {verdict + (advises ? " (advice)" : ""), ColourOf(verdict)},
                 gate.reason + until});
    }
    if (environment.gates.empty() && environment.stands.empty()) {
      table.Add({name, policy, "", "", "it has no gates"});
    }
  }
  table.Print(terminal);
}

}  // namespace failgate
