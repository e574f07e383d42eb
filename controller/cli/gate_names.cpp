#include "controller/cli/gate_names.h"

#include <fmt/format.h>

#include "controller/base/text.h"
#include "controller/base/time_zone.h"
#include "controller/promotion/operations_paths.h"
#include "policies/policy_parser.h"

namespace failgate {

Problems NamesOfNothing(const OperationsFile& file, const OperationsView& view) {
  const OperationsPathKind kind = ClassifyPath(file.path).kind;
  if (kind != OperationsPathKind::kEnvironment && kind != OperationsPathKind::kProject) {
    return {};
  }
  const Parsed<GateSettings> gates = ParseProjectGates(file.text, file.path);
  if (!gates) {
    return {};
  }
  Problems problems;
  if (gates->window && gates->window->zone && !IsTimeZone(gates->window->zone->value)) {
    const Written<std::string>& zone = *gates->window->zone;
    problems.push_back(Problem{
        file.path,
        zone.line,
        zone.column,
        fmt::format("gates.window.timezone: there is no time zone {} on this machine: write "
                    "a name of the time zone database such as Europe/Paris",
                    zone.value)});
  }
  if (gates->soak && gates->soak->in && view.environments.count(gates->soak->in->value) == 0) {
    const Written<EnvironmentName>& in = *gates->soak->in;
    std::vector<std::string> names;
    for (const auto& environment : view.environments) {
      names.push_back(environment.first.text());
    }
    const auto nearest = NearestWord(in.value.text(), names);
    problems.push_back(
        Problem{file.path,
                in.line,
                in.column,
                fmt::format("gates.soak.in: there is no environment {}{}",
                            in.value.text(),
                            nearest ? fmt::format(": did you mean \"{}\"?", *nearest) : "")});
  }
  return problems;
}

}  // namespace failgate
