#include "policies/policy_parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "policies/gates/registry.h"
#include "policies/override.h"

namespace failgate {
namespace {

const GateEntry* FindWritable(const std::string& name) {
  for (const GateEntry& gate : GateRegistry()) {
    if (gate.name == name && gate.read != nullptr) return &gate;
  }
  return nullptr;
}

void ReportUnknownGate(const YamlNode& key, ProblemSink& problems) {
  if (key.scalar == "checks") {
    problems.Add(
        key,
        "checks is no gate to be written: write `checks:` beside `gates:` in the project's "
        "file");
    return;
  }
  if (key.scalar == "after") {
    problems.Add(
        key, "after is no gate to be written: write `after:` beside `gates:` in environment.yaml");
    return;
  }
  std::vector<std::string> known;
  for (const GateEntry& gate : GateRegistry()) {
    if (gate.read != nullptr) known.push_back(gate.name);
  }
  const std::optional<std::string> nearest = NearestWord(key.scalar, known);
  problems.Add(key,
               fmt::format("unknown gate \"{}\"{}; this version has {}",
                           OneLine(key.scalar, 60),
                           nearest ? fmt::format(" (did you mean {}?)", *nearest) : "",
                           Join(known, ", ")));
}

void CheckAfter(const YamlNode* node,
                const std::optional<std::string>& after,
                ProblemSink& problems) {
  if (node == nullptr || !after || IsValidName(*after)) return;
  problems.Add(*node, fmt::format("\"{}\" is no name of an environment", OneLine(*after, 80)));
}

}  // namespace

GateSettings ReadGates(const YamlNode* node, ProblemSink& problems) {
  GateSettings settings;
  settings.file = problems.file();
  if (node == nullptr || node->kind == YamlNode::Kind::kNull) return settings;
  settings.written = true;
  settings.line = node->line;
  settings.column = node->column;
  if (node->kind == YamlNode::Kind::kScalar && node->scalar == "none") {
    settings.none = true;
    return settings;
  }
  if (node->kind != YamlNode::Kind::kMapping || node->entries.empty()) {
    problems.Add(*node, "gates must be a mapping of gates, or the word none");
    return settings;
  }
  for (const YamlNode::Entry& entry : node->entries) {
    const GateEntry* gate = FindWritable(entry.key.scalar);
    if (gate == nullptr) {
      ReportUnknownGate(entry.key, problems);
    } else if (entry.value.kind != YamlNode::Kind::kMapping &&
               !(gate->may_be_list && entry.value.kind == YamlNode::Kind::kSequence)) {
      problems.Add(entry.value, fmt::format("gate {} must be a mapping", gate->name));
    } else {
      gate->read(entry.value, problems, settings);
    }
  }
  return settings;
}

Parsed<GateSettings> ParseProjectGates(std::string_view text, const std::string& file) {
  const Parsed<YamlNode> root = ParseYaml(text, file);
  if (!root) return root.error();
  ProblemSink problems(file);
  if (root->kind != YamlNode::Kind::kMapping && root->kind != YamlNode::Kind::kNull) {
    problems.Add(*root, "the file must be a mapping");
    return problems.Take();
  }
  GateSettings settings = ReadGates(root->Find("gates"), problems);
  settings.override_from = ReadOverridePeople(root->Find("override"), problems);
  settings.checks = ReadOperationsChecks(root->Find("checks"), problems);
  if (!problems.empty()) return problems.Take();
  return settings;
}

Parsed<Policy> ParseEnvironmentPolicy(std::string_view text, const std::string& file) {
  const Parsed<YamlNode> root = ParseYaml(text, file);
  if (!root) return root.error();
  ProblemSink problems(file);
  MappingReader reader(*root, "", problems);
  Policy policy;
  const YamlNode* after_node = reader.Optional("after");
  const std::optional<std::string> after = reader.String("after");
  CheckAfter(after_node, after, problems);
  if (after) policy.after = EnvironmentName(*after);
  const std::optional<std::string> word = reader.OneOf("policy", {"delivery", "deployment"});
  if (word && *word == Word(Policy::kDeployment)) policy.last_step = Policy::kDeployment;
  const auto people = ReadOverridePeople(reader.Optional("override"), problems);
  if (people) policy.override_from = people->value;
  const YamlNode* gates = reader.Optional("gates");
  if (gates == nullptr) {
    problems.Add(
        *root,
        "the file needs \"gates\": what cannot be shown does not pass (write `gates: none` to have "
        "none)");
  }
  const GateSettings settings = ReadGates(gates, problems);
  reader.Finish();
  if (!problems.empty()) return problems.Take();

  policy.gates_written = true;
  MergeProblems merge(file);
  for (const GateEntry& gate : GateRegistry()) {
    if (gate.merge != nullptr) gate.merge(settings, policy, merge);
  }
  if (!merge.problems().empty()) return merge.problems();
  return policy;
}

Parsed<Policy> Tighten(const Policy& floor, const GateSettings& project) {
  MergeProblems problems(project.file);
  const bool floor_has_gates =
      floor.tests || floor.coverage || floor.approvals || floor.window || floor.soak ||
      floor.max_duration || floor.signed_commits || !floor.commands.empty() || floor.repeatable ||
      floor.regression_test || floor.artifacts || floor.requirements || floor.sonar ||
      floor.model || floor.consistency || floor.stability || floor.data;
  if (project.none && floor_has_gates) {
    problems.AddLoosening(project.line, project.column, "gates: none", "gates of its own");
  }
  Policy merged = floor;
  MergeOverridePeople(project, merged, problems);
  merged.checks = project.checks;
  for (const GateEntry& gate : GateRegistry()) {
    if (gate.merge != nullptr) gate.merge(project, merged, problems);
  }
  if (!problems.problems().empty()) return problems.problems();
  return merged;
}

}  // namespace failgate
