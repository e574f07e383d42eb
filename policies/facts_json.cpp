#include "policies/facts_json.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "controller/base/digest.h"
#include "policies/artifact_facts_json.h"
#include "policies/check_facts_object.h"
#include "policies/data_facts_object.h"
#include "policies/facts_object.h"
#include "policies/sonar_facts_json.h"
#include "policies/state_words.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<LadderState, const char*>, 7> kLadderStates{
    {{LadderState::kPassed, "passed"},
     {LadderState::kNeverThere, "never-there"},
     {LadderState::kDeploying, "deploying"},
     {LadderState::kFailed, "failed"},
     {LadderState::kRolledBack, "rolled-back"},
     {LadderState::kExcepted, "excepted"},
     {LadderState::kNoSuchEnvironment, "no-such-environment"}}};

constexpr std::array<std::pair<SoakState, const char*>, 9> kSoakStates{
    {{SoakState::kSteady, "steady"},
     {SoakState::kReplaced, "replaced"},
     {SoakState::kDisturbed, "disturbed"},
     {SoakState::kNeverThere, "never-there"},
     {SoakState::kDeploying, "deploying"},
     {SoakState::kFailed, "failed"},
     {SoakState::kRolledBack, "rolled-back"},
     {SoakState::kExcepted, "excepted"},
     {SoakState::kNoSuchEnvironment, "no-such-environment"}}};

/// No clock is further from UTC than this.
constexpr long long kMaxOffsetSeconds = 26LL * 3600;

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

json OverrideObject(const OverrideFact& override_fact) {
  return {{"gate", override_fact.gate},
          {"person", PersonObject(override_fact.person)},
          {"reason", override_fact.reason},
          {"at", FormatTimeMilliseconds(override_fact.at)},
          {"until", FormatTimeMilliseconds(override_fact.until)},
          {"record", override_fact.record}};
}

OverrideFact ReadOverride(const json& object) {
  JsonObjectReader reader(object, "override");
  OverrideFact read;
  read.gate = reader.String("gate");
  read.person = ReadPerson(reader.Required("person"), "override.person");
  read.reason = reader.String("reason");
  read.at = reader.Time("at");
  read.until = reader.Time("until");
  read.record = reader.String("record");
  reader.Finish();
  return read;
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

json SoakObject(const SoakFact& soak) {
  json object = {{"environment", soak.environment.text()},
                 {"state", WordIn(kSoakStates, soak.state)},
                 {"detail", soak.detail}};
  if (soak.since) object["since"] = FormatTimeMilliseconds(*soak.since);
  if (soak.until) object["until"] = FormatTimeMilliseconds(*soak.until);
  return object;
}

SoakFact ReadSoak(const json& object) {
  JsonObjectReader reader(object, "soak");
  SoakFact soak;
  soak.environment = EnvironmentName(reader.String("environment"));
  soak.state = ValueIn(kSoakStates, reader.String("state"), "soak");
  soak.detail = reader.String("detail");
  soak.since = reader.OptionalTime("since");
  soak.until = reader.OptionalTime("until");
  reader.Finish();
  return soak;
}

json ZoneObject(const ZoneFact& zone) {
  json offsets = json::array();
  for (const ZoneOffset& offset : zone.offsets) {
    offsets.push_back(
        {{"since", FormatTimeMilliseconds(offset.since)}, {"seconds", offset.seconds}});
  }
  return {{"name", zone.name},
          {"known", zone.known},
          {"from", FormatTimeMilliseconds(zone.from)},
          {"until", FormatTimeMilliseconds(zone.until)},
          {"offsets", std::move(offsets)}};
}

ZoneFact ReadZone(const json& object) {
  JsonObjectReader reader(object, "zone");
  ZoneFact zone;
  zone.name = reader.String("name");
  zone.known = reader.Bool("known");
  zone.from = reader.Time("from");
  zone.until = reader.Time("until");
  for (const json& item : ExpectArray(reader.Required("offsets"), "zone.offsets")) {
    JsonObjectReader offset(item, "zone.offset");
    ZoneOffset read;
    read.since = offset.Time("since");
    read.seconds = offset.Integer("seconds", -kMaxOffsetSeconds, kMaxOffsetSeconds);
    offset.Finish();
    zone.offsets.push_back(read);
  }
  reader.Finish();
  return zone;
}

json SignedCommitsObject(const SignedCommitsFact& fact) {
  json commits = json::array();
  for (const SignedCommitFact& commit : fact.commits) {
    commits.push_back({{"commit", commit.commit.text()},
                       {"author", commit.author},
                       {"signer", commit.signer},
                       {"why_not", commit.why_not}});
  }
  return {{"known", fact.known}, {"truncated", fact.truncated}, {"commits", std::move(commits)}};
}

SignedCommitsFact ReadSignedCommits(const json& object) {
  JsonObjectReader reader(object, "signed_commits");
  SignedCommitsFact fact;
  fact.known = reader.Bool("known");
  fact.truncated = reader.Bool("truncated");
  for (const json& item : ExpectArray(reader.Required("commits"), "signed_commits.commits")) {
    JsonObjectReader commit(item, "signed_commits.commit");
    SignedCommitFact read;
    read.commit = CommitId(commit.String("commit"));
    read.author = commit.String("author");
    read.signer = commit.String("signer");
    read.why_not = commit.String("why_not");
    commit.Finish();
    fact.commits.push_back(std::move(read));
  }
  reader.Finish();
  return fact;
}

json RequirementsObject(const RequirementsFact& fact) {
  json findings = json::array();
  for (const RequirementFinding& finding : fact.findings) {
    findings.push_back({{"path", finding.path},
                        {"line", finding.line},
                        {"import", finding.import},
                        {"problem", finding.problem}});
  }
  return {{"known", fact.known},
          {"files", fact.files},
          {"imports", fact.imports},
          {"problems", fact.problems},
          {"findings", std::move(findings)},
          {"uncovered", fact.uncovered},
          {"uncovered_example", fact.uncovered_example},
          {"dev_only", fact.dev_only}};
}

RequirementsFact ReadRequirementsFact(const json& object) {
  JsonObjectReader reader(object, "requirements");
  RequirementsFact fact;
  fact.known = reader.Bool("known");
  fact.files = reader.Count("files", kMaxFactCount);
  fact.imports = reader.Count("imports", kMaxFactCount);
  fact.problems = reader.Count("problems", kMaxFactCount);
  for (const json& item : ExpectArray(reader.Required("findings"), "requirements.findings")) {
    JsonObjectReader finding(item, "requirements.finding");
    fact.findings.push_back({finding.String("path"),
                             finding.Count("line", kMaxFactCount),
                             finding.String("import"),
                             finding.String("problem")});
    finding.Finish();
  }
  fact.uncovered = reader.Count("uncovered", kMaxFactCount);
  fact.uncovered_example = reader.String("uncovered_example");
  for (const json& name : ExpectArray(reader.Required("dev_only"), "requirements.dev_only")) {
    fact.dev_only.push_back(ExpectString(name, "requirements.dev_only"));
  }
  reader.Finish();
  return fact;
}

}  // namespace

json FactsObject(const Facts& facts) {
  json object = {{"project", facts.project.text()},
                 {"environment", facts.environment.text()},
                 {"release", facts.release.text()},
                 {"record", facts.record},
                 {"now", FormatTimeMilliseconds(facts.now)},
                 {"evidence", EvidenceToObject(facts.evidence)},
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
  // Absent where there is none, as in the decisions of former versions.
  for (const OverrideFact& each : facts.overrides) {
    object["overrides"].push_back(OverrideObject(each));
  }
  if (facts.requester) object["requester"] = PersonObject(*facts.requester);
  if (facts.after) object["after"] = LadderObject(*facts.after);
  if (facts.running) object["running"] = facts.running->text();
  // Left out when empty: what was recorded before they existed keeps its bytes.
  for (const SoakFact& soak : facts.soaks) object["soaks"].push_back(SoakObject(soak));
  for (const ZoneFact& zone : facts.zones) object["zones"].push_back(ZoneObject(zone));
  if (facts.signed_commits) object["signed_commits"] = SignedCommitsObject(*facts.signed_commits);
  AddCheckFacts(facts, object);
  for (const ArtifactFact& artifact : facts.artifacts) {
    object["artifacts"].push_back(ArtifactFactObject(artifact));
  }
  if (facts.requirements) object["requirements"] = RequirementsObject(*facts.requirements);
  if (facts.sonar) object["sonar"] = SonarFactObject(*facts.sonar);
  if (facts.models) object["models"] = ModelFactsObject(*facts.models);
  if (facts.champion_data) object["champion_data"] = ChampionDataObject(*facts.champion_data);
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
  facts.evidence = EvidenceFromObject(reader.Required("evidence"));
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
  if (const json* overrides = reader.Optional("overrides"); overrides != nullptr) {
    for (const json& each : ExpectArray(*overrides, "overrides")) {
      facts.overrides.push_back(ReadOverride(each));
    }
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
  if (const json* soaks = reader.Optional("soaks"); soaks != nullptr) {
    for (const json& soak : ExpectArray(*soaks, "soaks")) facts.soaks.push_back(ReadSoak(soak));
  }
  if (const json* zones = reader.Optional("zones"); zones != nullptr) {
    for (const json& zone : ExpectArray(*zones, "zones")) facts.zones.push_back(ReadZone(zone));
  }
  if (const json* commits = reader.Optional("signed_commits"); commits != nullptr) {
    facts.signed_commits = ReadSignedCommits(*commits);
  }
  ReadCheckFacts(reader, facts);
  if (const json* artifacts = reader.Optional("artifacts"); artifacts != nullptr) {
    for (const json& artifact : ExpectArray(*artifacts, "artifacts")) {
      facts.artifacts.push_back(ReadArtifactFact(artifact));
    }
  }
  if (const json* requirements = reader.Optional("requirements"); requirements != nullptr) {
    facts.requirements = ReadRequirementsFact(*requirements);
  }
  if (const json* sonar = reader.Optional("sonar"); sonar != nullptr) {
    facts.sonar = ReadSonarFact(*sonar);
  }
  if (const json* models = reader.Optional("models"); models != nullptr) {
    facts.models = ReadModelFacts(*models);
  }
  if (const json* champion = reader.Optional("champion_data"); champion != nullptr) {
    facts.champion_data = ReadChampionData(*champion);
  }
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

}  // namespace failgate
