// The auditor's half of decision_json.h: the same decision again, from nothing but the record.
#include <fmt/format.h>

#include "controller/base/text.h"
#include "policies/decision_json.h"
#include "policies/evaluate.h"
#include "policies/git_blob.h"
#include "policies/policy_parser.h"

namespace failgate {
namespace {

std::optional<Refusal> Inconsistency(const DecisionRecord& record) {
  const Facts& facts = record.facts;
  const bool same = facts.project == record.project && facts.environment == record.environment &&
                    facts.release == record.release && facts.record == record.record &&
                    facts.now == record.time;
  if (!same) {
    return Refusal{"inconsistent",
                   "the facts are about another project, environment, release, record or time than "
                   "the decision"};
  }
  for (const PolicyFile& file : record.policy) {
    if (IsBlobIdOf(file.blob, file.text)) continue;
    return Refusal{"blob_mismatch",
                   fmt::format("the text of {} is not blob {}",
                               OneLine(file.path, 200),
                               OneLine(file.blob.text(), 80))};
  }
  return std::nullopt;
}

}  // namespace

Parsed<Policy> PolicyOf(const std::vector<PolicyFile>& files,
                        const EnvironmentName& environment,
                        const ProjectName& project) {
  const std::string folder = "environments/" + environment.text() + "/";
  const std::string floor_path = folder + "environment.yaml";
  const std::string project_path = folder + project.text() + ".yaml";
  const bool right_files = !files.empty() && files.size() <= 2 && files[0].path == floor_path &&
                           (files.size() == 1 || files[1].path == project_path);
  if (!right_files) {
    return Problems{Problem{
        floor_path,
        0,
        0,
        fmt::format(
            "the policy must be {} and, where there is one, {}", floor_path, project_path)}};
  }
  Parsed<Policy> floor = ParseEnvironmentPolicy(files[0].text, floor_path);
  if (!floor || files.size() == 1) return floor;
  const Parsed<GateSettings> gates = ParseProjectGates(files[1].text, project_path);
  if (!gates) return gates.error();
  return Tighten(*floor, *gates);
}

Result<Decision> Recompute(const DecisionRecord& record) {
  if (std::optional<Refusal> refusal = Inconsistency(record)) return *refusal;
  const Parsed<Policy> policy = PolicyOf(record.policy, record.environment, record.project);
  if (!policy) return Refusal{"invalid_policy", Describe(policy.error())};
  return Evaluate(*policy, record.facts);
}

std::optional<Refusal> VerifyDecision(const DecisionRecord& record) {
  const Result<Decision> again = Recompute(record);
  if (!again) return again.error();
  if (*again == record.decision) return std::nullopt;
  return Refusal{
      "decision_differs",
      fmt::format(
          "recorded as {}, recomputed as {}", Word(record.decision.outcome), Word(again->outcome))};
}

}  // namespace failgate
