#include "policies/facts_json.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "policies/facts_object.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<EvidenceState, const char*>, 3> kEvidenceStates{
    {{EvidenceState::kPassed, "passed"},
     {EvidenceState::kFailed, "failed"},
     {EvidenceState::kSkipped, "skipped"}}};

constexpr std::array<std::pair<LadderState, const char*>, 7> kLadderStates{
    {{LadderState::kPassed, "passed"},
     {LadderState::kNeverThere, "never-there"},
     {LadderState::kDeploying, "deploying"},
     {LadderState::kFailed, "failed"},
     {LadderState::kRolledBack, "rolled-back"},
     {LadderState::kExcepted, "excepted"},
     {LadderState::kNoSuchEnvironment, "no-such-environment"}}};

template <typename Table, typename Value>
std::string WordIn(const Table& table, Value value) {
  for (const auto& [known, word] : table) {
    if (known == value) return word;
  }
  throw Error(Remedy::kNeedsChange, "writing facts: a state without a word");
}

template <typename Table>
auto ValueIn(const Table& table, const std::string& word, const std::string& name) {
  for (const auto& [value, known] : table) {
    if (word == known) return value;
  }
  throw JsonFault{name + ".state is no state"};
}

json CountsObject(const TestCounts& counts) {
  return {{"passed", counts.passed},
          {"failed", counts.failed},
          {"errors", counts.errors},
          {"skipped", counts.skipped}};
}

TestCounts ReadCounts(const json& object, const std::string& name) {
  JsonObjectReader reader(object, name);
  TestCounts counts;
  counts.passed = reader.Count("passed", kMaxFactCount);
  counts.failed = reader.Count("failed", kMaxFactCount);
  counts.errors = reader.Count("errors", kMaxFactCount);
  counts.skipped = reader.Count("skipped", kMaxFactCount);
  reader.Finish();
  return counts;
}

json CoverageObject(const CoverageFigures& figures) {
  return {{"lines_covered", figures.lines_covered},
          {"lines_total", figures.lines_total},
          {"branches_covered", figures.branches_covered},
          {"branches_total", figures.branches_total}};
}

CoverageFigures ReadCoverage(const json& object) {
  JsonObjectReader reader(object, "coverage");
  CoverageFigures figures;
  figures.lines_total = reader.Count("lines_total", kMaxFactCount);
  figures.lines_covered = reader.Count("lines_covered", kMaxFactCount);
  figures.branches_total = reader.Count("branches_total", kMaxFactCount);
  figures.branches_covered = reader.Count("branches_covered", kMaxFactCount);
  reader.Finish();
  return figures;
}

json EvidenceObject(const Evidence& evidence) {
  json object = {{"tests", json::object()}, {"metrics", json::object()}, {"steps", json::array()}};
  for (const auto& [level, counts] : evidence.tests) object["tests"][level] = CountsObject(counts);
  for (const auto& [name, value] : evidence.metrics) {
    if (!std::isfinite(value)) {
      throw Error(Remedy::kNeedsChange, fmt::format("writing facts: metric {} is no number", name));
    }
    object["metrics"][name] = value;
  }
  for (const StepEvidence& step : evidence.steps) {
    object["steps"].push_back({{"name", step.name},
                               {"level", step.level},
                               {"state", WordIn(kEvidenceStates, step.state)},
                               {"tests", CountsObject(step.tests)}});
  }
  if (evidence.coverage) object["coverage"] = CoverageObject(*evidence.coverage);
  return object;
}

Evidence ReadEvidence(const json& object) {
  JsonObjectReader reader(object, "evidence");
  Evidence evidence;
  for (const auto& item : ExpectObject(reader.Required("tests"), "evidence.tests").items()) {
    evidence.tests[item.key()] = ReadCounts(item.value(), "evidence.tests." + item.key());
  }
  for (const auto& item : ExpectObject(reader.Required("metrics"), "evidence.metrics").items()) {
    if (!item.value().is_number() || !std::isfinite(item.value().get<double>())) {
      throw JsonFault{"evidence.metrics." + item.key() + " must be a finite number"};
    }
    evidence.metrics[item.key()] = item.value().get<double>();
  }
  for (const json& item : ExpectArray(reader.Required("steps"), "evidence.steps")) {
    JsonObjectReader step(item, "step");
    StepEvidence read;
    read.name = step.String("name");
    read.level = step.String("level");
    read.state = ValueIn(kEvidenceStates, step.String("state"), "step");
    read.tests = ReadCounts(step.Required("tests"), "step.tests");
    step.Finish();
    evidence.steps.push_back(std::move(read));
  }
  if (const json* coverage = reader.Optional("coverage"); coverage != nullptr) {
    evidence.coverage = ReadCoverage(*coverage);
  }
  reader.Finish();
  return evidence;
}

json PersonObject(const Person& person) {
  return {{"name", person.name}, {"email", person.email}};
}

Person ReadPerson(const json& object, const std::string& name) {
  JsonObjectReader reader(object, name);
  Person person{reader.String("name"), reader.String("email")};
  reader.Finish();
  if (person.empty()) throw JsonFault{name + ".email must not be empty"};
  return person;
}

json ApprovalObject(const ApprovalFact& approval) {
  json object = {{"person", PersonObject(approval.person)},
                 {"rejects", approval.rejects},
                 {"at", FormatTimeMilliseconds(approval.at)},
                 {"record", approval.record},
                 {"via", approval.via},
                 {"with_signature", approval.with_signature}};
  if (approval.expires) object["expires"] = FormatTimeMilliseconds(*approval.expires);
  return object;
}

ApprovalFact ReadApproval(const json& object) {
  JsonObjectReader reader(object, "approval");
  ApprovalFact approval;
  approval.person = ReadPerson(reader.Required("person"), "approval.person");
  approval.rejects = reader.Bool("rejects");
  approval.at = reader.Time("at");
  approval.record = reader.String("record");
  approval.via = reader.String("via");
  approval.with_signature = reader.Bool("with_signature");
  approval.expires = reader.OptionalTime("expires");
  reader.Finish();
  return approval;
}

json LadderObject(const LadderFact& after) {
  json object = {{"environment", after.environment.text()},
                 {"state", WordIn(kLadderStates, after.state)},
                 {"detail", after.detail}};
  if (after.since) object["since"] = FormatTimeMilliseconds(*after.since);
  return object;
}

LadderFact ReadLadder(const json& object) {
  JsonObjectReader reader(object, "after");
  LadderFact after;
  after.environment = EnvironmentName(reader.String("environment"));
  after.state = ValueIn(kLadderStates, reader.String("state"), "after");
  after.detail = reader.String("detail");
  after.since = reader.OptionalTime("since");
  reader.Finish();
  return after;
}

}  // namespace

json FactsObject(const Facts& facts) {
  json object = {{"project", facts.project.text()},
                 {"environment", facts.environment.text()},
                 {"release", facts.release.text()},
                 {"record", facts.record},
                 {"now", FormatTimeMilliseconds(facts.now)},
                 {"evidence", EvidenceObject(facts.evidence)},
                 {"authors_known", facts.authors_known},
                 {"authors", json::array()},
                 {"requested_via", facts.requested_via},
                 {"approvals", json::array()},
                 {"rollback", facts.rollback},
                 {"excepted", facts.excepted},
                 {"excepted_reason", facts.excepted_reason}};
  for (const Person& author : facts.authors) object["authors"].push_back(PersonObject(author));
  for (const ApprovalFact& approval : facts.approvals) {
    object["approvals"].push_back(ApprovalObject(approval));
  }
  if (facts.requester) object["requester"] = PersonObject(*facts.requester);
  if (facts.after) object["after"] = LadderObject(*facts.after);
  if (facts.running) object["running"] = facts.running->text();
  return object;
}

Facts ReadFactsObject(const json& object) {
  JsonObjectReader reader(object, "facts");
  Facts facts;
  facts.project = ProjectName(reader.String("project"));
  facts.environment = EnvironmentName(reader.String("environment"));
  facts.release = ReleaseName(reader.String("release"));
  facts.record = reader.String("record");
  facts.now = reader.Time("now");
  facts.evidence = ReadEvidence(reader.Required("evidence"));
  facts.authors_known = reader.Bool("authors_known");
  for (const json& author : ExpectArray(reader.Required("authors"), "authors")) {
    facts.authors.push_back(ReadPerson(author, "author"));
  }
  if (const json* requester = reader.Optional("requester"); requester != nullptr) {
    facts.requester = ReadPerson(*requester, "requester");
  }
  facts.requested_via = reader.String("requested_via");
  for (const json& approval : ExpectArray(reader.Required("approvals"), "approvals")) {
    facts.approvals.push_back(ReadApproval(approval));
  }
  if (const json* after = reader.Optional("after"); after != nullptr) {
    facts.after = ReadLadder(*after);
  }
  if (const json* running = reader.Optional("running"); running != nullptr) {
    facts.running = ReleaseName(ExpectString(*running, "running"));
  }
  facts.rollback = reader.Bool("rollback");
  facts.excepted = reader.Bool("excepted");
  facts.excepted_reason = reader.String("excepted_reason");
  reader.Finish();
  return facts;
}

std::string FactsToJson(const Facts& facts) {
  return CanonicalJson(FactsObject(facts));
}

Result<Facts> FactsFromJson(std::string_view text) {
  try {
    return ReadFactsObject(ParseStrictJson(text));
  } catch (const JsonFault& fault) {
    return Refusal{"invalid_facts", fault.text};
  }
}

json EvidenceToObject(const Evidence& evidence) {
  return EvidenceObject(evidence);
}

Evidence EvidenceFromObject(const json& object) {
  return ReadEvidence(object);
}

}  // namespace failgate
