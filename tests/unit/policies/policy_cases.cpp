#include "tests/unit/policies/policy_cases.h"

#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "controller/base/yaml_reader.h"
#include "policies/policy_parser.h"

namespace failgate {
namespace {

const std::string kRecord = "sha256:" + std::string(64, 'a');
const std::string kOtherRecord = "sha256:" + std::string(64, 'b');

YamlNode ReadTable(const std::string& name) {
  const std::string path = std::string(FAILGATE_POLICY_CASES) + "/" + name + ".yaml";
  Parsed<YamlNode> root = ParseYaml(ReadFile(path), path);
  if (!root) throw Error(Remedy::kNeedsChange, Describe(root.error()));
  return *root;
}

std::string Text(const YamlNode& node, const std::string& key, const std::string& absent = {}) {
  const YamlNode* value = node.Find(key);
  return value == nullptr ? absent : value->scalar;
}

TimePoint Time(const std::string& text) {
  const std::optional<TimePoint> time = ParseTime(text);
  Check(time.has_value(), "a time of a case reads " + text);
  return *time;
}

long long Number(const std::string& text) {
  const std::optional<long long> number = ParseNonNegative(text);
  Check(number.has_value(), "a count of a case reads " + text);
  return *number;
}

TestCounts Counts(const YamlNode& node) {
  TestCounts counts;
  if (node.kind == YamlNode::Kind::kScalar) {
    counts.passed = Number(node.scalar);
    return counts;
  }
  counts.passed = Number(Text(node, "passed", "0"));
  counts.failed = Number(Text(node, "failed", "0"));
  counts.errors = Number(Text(node, "errors", "0"));
  counts.skipped = Number(Text(node, "skipped", "0"));
  return counts;
}

EvidenceState State(const std::string& word) {
  if (word == "passed") return EvidenceState::kPassed;
  if (word == "failed") return EvidenceState::kFailed;
  Check(word == "skipped", "a step is passed, failed or skipped");
  return EvidenceState::kSkipped;
}

LadderState Ladder(const std::string& word) {
  const std::map<std::string, LadderState> states{
      {"passed", LadderState::kPassed},
      {"never-there", LadderState::kNeverThere},
      {"deploying", LadderState::kDeploying},
      {"failed", LadderState::kFailed},
      {"rolled-back", LadderState::kRolledBack},
      {"excepted", LadderState::kExcepted},
      {"no-such-environment", LadderState::kNoSuchEnvironment}};
  return states.at(word);
}

void ReadFraction(const YamlNode& node, const std::string& key, long long& part, long long& whole) {
  const YamlNode* value = node.Find(key);
  if (value == nullptr) return;
  const std::vector<std::string> numbers = Split(value->scalar, '/');
  Check(numbers.size() == 2, "coverage is written covered/total");
  part = Number(numbers[0]);
  whole = Number(numbers[1]);
}

ApprovalFact Approval(const YamlNode& node) {
  ApprovalFact approval;
  approval.person = Person{"", Text(node, "by")};
  approval.rejects = Text(node, "says") == "no";
  approval.at = Time(Text(node, "at", "2026-11-23T11:30:00Z"));
  if (node.Find("expires") != nullptr) approval.expires = Time(Text(node, "expires"));
  approval.record = Text(node, "record") == "other" ? kOtherRecord : kRecord;
  approval.via = Text(node, "via", "api");
  approval.with_signature = Text(node, "signature") == "true";
  return approval;
}

Evidence ReadEvidence(const YamlNode& node) {
  Evidence evidence;
  if (const YamlNode* tests = node.Find("tests"); tests != nullptr) {
    for (const YamlNode::Entry& entry : tests->entries) {
      evidence.tests[entry.key.scalar] = Counts(entry.value);
    }
  }
  if (const YamlNode* steps = node.Find("steps"); steps != nullptr) {
    for (const YamlNode& step : steps->items) {
      const YamlNode* tests = step.Find("tests");
      evidence.steps.push_back(StepEvidence{Text(step, "name"),
                                            Text(step, "level"),
                                            State(Text(step, "state")),
                                            tests == nullptr ? TestCounts{} : Counts(*tests)});
    }
  }
  if (const YamlNode* coverage = node.Find("coverage"); coverage != nullptr) {
    CoverageFigures figures;
    ReadFraction(*coverage, "lines", figures.lines_covered, figures.lines_total);
    ReadFraction(*coverage, "branches", figures.branches_covered, figures.branches_total);
    evidence.coverage = figures;
  }
  return evidence;
}

const YamlNode& ZoneTable() {
  static const YamlNode kTable = ReadTable("zones");
  return kTable;
}

/// `zones: unknown`, or a list of names; all of zones.yaml when nothing is written.
std::vector<ZoneFact> Zones(const YamlNode& facts) {
  std::vector<ZoneFact> zones;
  if (const YamlNode* names = facts.Find("zones"); names != nullptr) {
    for (const YamlNode& name : names->items) zones.push_back(CaseZone(name.scalar));
    return zones;
  }
  for (const YamlNode::Entry& zone : ZoneTable().Find("zones")->entries) {
    zones.push_back(CaseZone(zone.key.scalar));
  }
  return zones;
}

Facts ReadFacts(const YamlNode& node) {
  Facts facts = EmptyFacts();
  if (node.Find("now") != nullptr) facts.now = Time(Text(node, "now"));
  facts.rollback = Text(node, "rollback") == "true";
  facts.evidence = ReadEvidence(node);
  const YamlNode* authors = node.Find("authors");
  facts.authors_known = authors == nullptr || authors->kind == YamlNode::Kind::kSequence;
  if (authors != nullptr) {
    for (const YamlNode& author : authors->items) {
      facts.authors.push_back(Person{"", author.scalar});
    }
  }
  if (node.Find("requester") != nullptr) facts.requester = Person{"", Text(node, "requester")};
  facts.requested_via = Text(node, "via", "automatic");
  if (const YamlNode* approvals = node.Find("approvals"); approvals != nullptr) {
    for (const YamlNode& approval : approvals->items) {
      facts.approvals.push_back(Approval(approval));
    }
  }
  if (const YamlNode* after = node.Find("after"); after != nullptr) {
    LadderFact fact;
    fact.environment = EnvironmentName(Text(*after, "environment"));
    fact.state = Ladder(Text(*after, "state"));
    fact.detail = Text(*after, "detail");
    if (after->Find("since") != nullptr) fact.since = Time(Text(*after, "since"));
    facts.after = fact;
  }
  facts.excepted = node.Find("excepted") != nullptr;
  facts.excepted_reason = Text(node, "excepted");
  return facts;
}

PolicyCase ReadCase(const YamlNode& node) {
  PolicyCase one;
  one.name = Text(node, "name");
  const std::string after = Text(node, "after");
  if (!after.empty()) one.environment_text = "after: " + after + "\n";
  one.environment_text += "gates: " + Text(node, "gates") + "\n";
  if (node.Find("project") != nullptr) {
    one.project_text = "gates: " + Text(node, "project") + "\n";
  }
  one.facts = ReadFacts(*node.Find("facts"));
  if ((one.environment_text + one.project_text).find("timezone") != std::string::npos) {
    one.facts.zones = Zones(*node.Find("facts"));
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

Facts EmptyFacts() {
  Facts facts;
  facts.project = ProjectName("churn");
  facts.environment = EnvironmentName("prod");
  facts.release = ReleaseName("churn-42");
  facts.record = kRecord;
  facts.now = Time("2026-11-23T12:00:00Z");
  return facts;
}

ZoneFact CaseZone(const std::string& name) {
  ZoneFact zone;
  zone.name = name;
  zone.from = Time(Text(ZoneTable(), "from"));
  zone.until = Time(Text(ZoneTable(), "until"));
  const YamlNode* offsets = ZoneTable().Find("zones")->Find(name);
  zone.known = offsets != nullptr;
  if (offsets == nullptr) return zone;
  for (const YamlNode& offset : offsets->items) {
    zone.offsets.push_back({Time(Text(offset, "since")), std::stoll(Text(offset, "seconds"))});
  }
  return zone;
}

std::vector<PolicyCase> AllPolicyCases() {
  std::vector<PolicyCase> cases;
  for (const char* table : {"window", "tests", "coverage", "approvals", "ladder"}) {
    const YamlNode root = ReadTable(table);
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
  for (const YamlNode& node : ReadTable("refusals").items) {
    RefusalCase one{Text(node, "name"), Text(node, "environment"), Text(node, "project"), {}};
    for (const YamlNode& problem : node.Find("problems")->items) {
      one.problems.push_back({Text(problem, "at"), Text(problem, "says")});
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
