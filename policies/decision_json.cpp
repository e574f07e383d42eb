#include "policies/decision_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/base/digest.h"
#include "policies/facts_object.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr long long kVersion = 1;
constexpr std::string_view kNamePrefix = "sha256:";

json VerdictObject(const GateVerdict& verdict) {
  json object = {{"gate", verdict.gate},
                 {"mode", Word(verdict.mode)},
                 {"verdict", Word(verdict.verdict)},
                 {"reason", verdict.reason}};
  if (verdict.until) object["until"] = FormatTimeMilliseconds(*verdict.until);
  return object;
}

template <typename T>
T Known(const std::optional<T>& value, const std::string& name) {
  if (!value) throw JsonFault{name + " is no known word"};
  return *value;
}

GateVerdict ReadVerdict(const json& object) {
  JsonObjectReader reader(object, "verdict");
  GateVerdict verdict;
  verdict.gate = reader.String("gate");
  verdict.mode = Known(ParseGateMode(reader.String("mode")), "verdict.mode");
  verdict.verdict = Known(ParseVerdict(reader.String("verdict")), "verdict.verdict");
  verdict.reason = reader.String("reason");
  verdict.until = reader.OptionalTime("until");
  reader.Finish();
  return verdict;
}

Decision ReadDecision(const json& object) {
  JsonObjectReader reader(object, "decision");
  Decision decision;
  decision.outcome = Known(ParseOutcome(reader.String("outcome")), "decision.outcome");
  for (const json& verdict : ExpectArray(reader.Required("gates"), "decision.gates")) {
    decision.verdicts.push_back(ReadVerdict(verdict));
  }
  reader.Finish();
  return decision;
}

PolicyFile ReadPolicyFile(const json& object) {
  JsonObjectReader reader(object, "policy file");
  PolicyFile file;
  file.path = reader.String("path");
  file.blob = ObjectId(reader.String("blob"));
  file.text = reader.String("text");
  reader.Finish();
  return file;
}

DecisionRecord ReadRecord(const json& object) {
  JsonObjectReader reader(object, "decision record");
  if (reader.Count("version", kVersion) != kVersion) {
    throw JsonFault{"the version of the decision record is not known"};
  }
  DecisionRecord record;
  record.project = ProjectName(reader.String("project"));
  record.environment = EnvironmentName(reader.String("environment"));
  record.release = ReleaseName(reader.String("release"));
  record.record = reader.String("record");
  record.time = reader.Time("time");
  for (const json& file : ExpectArray(reader.Required("policy"), "policy")) {
    record.policy.push_back(ReadPolicyFile(file));
  }
  record.facts = ReadFactsObject(reader.Required("facts"));
  record.decision = ReadDecision(reader.Required("decision"));
  reader.Finish();
  return record;
}

}  // namespace

std::string DecisionRecordToJson(const DecisionRecord& record) {
  json policy = json::array();
  for (const PolicyFile& file : record.policy) {
    policy.push_back({{"path", file.path}, {"blob", file.blob.text()}, {"text", file.text}});
  }
  json gates = json::array();
  for (const GateVerdict& verdict : record.decision.verdicts) {
    gates.push_back(VerdictObject(verdict));
  }
  const json object = {
      {"version", kVersion},
      {"project", record.project.text()},
      {"environment", record.environment.text()},
      {"release", record.release.text()},
      {"record", record.record},
      {"time", FormatTimeMilliseconds(record.time)},
      {"policy", std::move(policy)},
      {"facts", FactsObject(record.facts)},
      {"decision", {{"outcome", Word(record.decision.outcome)}, {"gates", std::move(gates)}}}};
  return CanonicalJson(object);
}

Result<DecisionRecord> DecisionRecordFromJson(std::string_view text) {
  try {
    DecisionRecord record = ReadRecord(ParseStrictJson(text));
    if (DecisionRecordToJson(record) != text) {
      return Refusal{"invalid_decision", "the decision record is not in its canonical form"};
    }
    return record;
  } catch (const JsonFault& fault) {
    return Refusal{"invalid_decision", fault.text};
  }
}

std::string DecisionName(std::string_view bytes) {
  return std::string(kNamePrefix) + Sha256Hex(bytes);
}

std::optional<std::string> DecisionPath(std::string_view name) {
  if (!IsSha256Reference(name)) return std::nullopt;
  const std::string_view hex = name.substr(kNamePrefix.size());
  return fmt::format("decisions/{}/{}/{}.json", hex.substr(0, 2), hex.substr(2, 2), hex.substr(4));
}

}  // namespace failgate
