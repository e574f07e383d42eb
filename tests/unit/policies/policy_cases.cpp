#include "tests/unit/policies/policy_cases.h"

#include "policies/policy_parser.h"
#include "tests/unit/policies/policy_case_facts.h"

namespace failgate {
namespace {

PolicyCase ReadCase(const YamlNode& node) {
  PolicyCase one;
  one.name = CaseText(node, "name");
  const std::string after = CaseText(node, "after");
  if (!after.empty()) one.environment_text = "after: " + after + "\n";
  one.environment_text += "gates: " + CaseText(node, "gates") + "\n";
  if (node.Find("project") != nullptr) {
    one.project_text = "gates: " + CaseText(node, "project") + "\n";
  }
  if (node.Find("checks") != nullptr) {
    one.project_text += "checks: " + CaseText(node, "checks") + "\n";
  }
  one.facts = ReadCaseFacts(*node.Find("facts"));
  if ((one.environment_text + one.project_text).find("timezone") != std::string::npos) {
    one.facts.zones = ReadCaseZones(*node.Find("facts"));
  }
  if (const Parsed<Policy> policy = MergedPolicy(one.environment_text, one.project_text)) {
    for (CheckFact& fact : one.facts.checks) {
      for (const OperationsCheck& check : policy->checks.before) {
        if (check.name == fact.name) fact.spec = CheckDigest(check);
      }
    }
  }
  for (const YamlNode::Entry& entry : node.Find("expect")->entries) {
    if (entry.key.scalar == "outcome") {
      one.outcome = entry.value.scalar;
    } else if (entry.key.scalar == "until") {
      one.until = entry.value.scalar;
    } else {
      one.verdicts[entry.key.scalar] = entry.value.scalar;
    }
  }
  return one;
}

}  // namespace

std::vector<PolicyCase> AllPolicyCases() {
  std::vector<PolicyCase> cases;
  for (const char* table : {"window",
                            "soak",
                            "tests",
                            "coverage",
                            "approvals",
                            "max_duration",
                            "repeatable",
                            "regression_test",
                            "artifacts",
                            "requirements",
                            "sonar",
                            "model",
                            "consistency",
                            "stability",
                            "ladder"}) {
    const YamlNode root = ReadCaseTable(table);
    Check(!root.items.empty(), std::string(table) + ".yaml is a list");
    for (const YamlNode& node : root.items) {
      cases.push_back(ReadCase(node));
      cases.back().name = std::string(table) + ": " + cases.back().name;
    }
  }
  return cases;
}

std::vector<RefusalCase> AllRefusalCases() {
  std::vector<RefusalCase> cases;
  for (const YamlNode& node : ReadCaseTable("refusals").items) {
    RefusalCase one{
        CaseText(node, "name"), CaseText(node, "environment"), CaseText(node, "project"), {}};
    for (const YamlNode& problem : node.Find("problems")->items) {
      one.problems.push_back({CaseText(problem, "at"), CaseText(problem, "says")});
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

Parsed<Policy> MergedPolicy(const std::string& environment_text, const std::string& project_text) {
  Parsed<Policy> floor = ParseEnvironmentPolicy(environment_text, kCaseEnvironmentFile);
  if (!floor || project_text.empty()) return floor;
  const Parsed<GateSettings> gates = ParseProjectGates(project_text, kCaseProjectFile);
  if (!gates) return gates.error();
  return Tighten(*floor, *gates);
}

}  // namespace failgate
