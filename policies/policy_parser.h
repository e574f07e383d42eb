// environments/E/environment.yaml and the `gates` of environments/E/P.yaml -> policy. Pure.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/yaml_reader.h"
#include "policies/policy.h"

namespace failgate {

/// environment.yaml as a whole: `after`, `policy` (delivery when absent), `gates` (required; `none`
/// must be written). Strict: every problem with its place.
[[nodiscard]] Parsed<Policy> ParseEnvironmentPolicy(std::string_view text, const std::string& file);

/// `node` is the value of `gates` (nullptr = absent). Gates of the contract that this version does
/// not have are problems that say so; others name the nearest gate.
[[nodiscard]] GateSettings ReadGates(const YamlNode* node, ProblemSink& problems);

/// Only the `gates`, `override` and `checks` of a project file; its other keys are read elsewhere.
[[nodiscard]] Parsed<GateSettings> ParseProjectGates(std::string_view text,
                                                     const std::string& file);

/// The floor with what the project adds or tightens. Anything looser than the floor is a problem at
/// its place that names the floor's value.
[[nodiscard]] Parsed<Policy> Tighten(const Policy& floor, const GateSettings& project);

}  // namespace failgate
