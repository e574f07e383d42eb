#include "tests/unit/policies/policy_case_facts.h"

#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "tests/unit/policies/policy_cases.h"

namespace failgate {
namespace {

const std::string kRecord = "sha256:" + std::string(64, 'a');
const std::string kOtherRecord = "sha256:" + std::string(64, 'b');

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
  counts.passed = Number(CaseText(node, "passed", "0"));
  counts.failed = Number(CaseText(node, "failed", "0"));
  counts.errors = Number(CaseText(node, "errors", "0"));
  counts.skipped = Number(CaseText(node, "skipped", "0"));
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
  approval.person = Person{"", CaseText(node, "by")};
  approval.rejects = CaseText(node, "says") == "no";
  approval.at = Time(CaseText(node, "at", "2026-11-23T11:30:00Z"));
  if (node.Find("expires") != nullptr) approval.expires = Time(CaseText(node, "expires"));
  approval.record = CaseText(node, "record") == "other" ? kOtherRecord : kRecord;
  approval.via = CaseText(node, "via", "api");
  approval.with_signature = CaseText(node, "signature") == "true";
  return approval;
}

/// "10:00:00-10:05:30" on the day of the cases, into `started` and `finished`.
void ReadRan(const std::string& text, StepEvidence& step) {
  const std::vector<std::string> ends = Split(text, '-');
  Check(ends.size() == 2, "a step ran from-to");
  step.started = Time("2026-11-23T" + ends[0] + "Z");
  step.finished = Time("2026-11-23T" + ends[1] + "Z");
}

RepeatEvidence ReadRepeated(const YamlNode& node) {
  RepeatEvidence repeat;
  repeat.shuffled = CaseText(node, "shuffled") == "true";
  repeat.cases = Number(CaseText(node, "cases", "0"));
  repeat.metrics = Number(CaseText(node, "metrics", "0"));
  repeat.difference = CaseText(node, "difference");
  repeat.more_moved = CaseText(node, "more_moved") == "true";
  if (const YamlNode* moved = node.Find("moved"); moved != nullptr) {
    for (const YamlNode::Entry& entry : moved->entries) {
      Check(entry.value.items.size() == 2, "a metric moved from one number to another");
      repeat.moved[entry.key.scalar] = {std::stod(entry.value.items[0].scalar),
                                        std::stod(entry.value.items[1].scalar)};
    }
  }
  return repeat;
}

std::vector<std::string> Texts(const YamlNode* list) {
  std::vector<std::string> texts;
  if (list == nullptr) return texts;
  for (const YamlNode& item : list->items) texts.push_back(item.scalar);
  return texts;
}

RegressionEvidence ReadRegression(const YamlNode& node) {
  const std::map<std::string, RegressionState> states{{"unknown", RegressionState::kUnknown},
                                                      {"no-parent", RegressionState::kNoParent},
                                                      {"unchanged", RegressionState::kUnchanged},
                                                      {"ran", RegressionState::kRan},
                                                      {"broken", RegressionState::kBroken},
                                                      {"unfinished", RegressionState::kUnfinished}};
  RegressionEvidence regression;
  regression.state = states.at(CaseText(node, "state"));
  regression.parent =
      CommitId(CaseText(node, "parent", "3f2c81a90b1d4e5f60718293a4b5c6d7e8f90a1b"));
  regression.running = CaseText(node, "running");
  regression.failed_before = Number(CaseText(node, "failed", "0"));
  regression.cases = Texts(node.Find("cases"));
  regression.subjects = Texts(node.Find("commits"));
  regression.more_subjects = CaseText(node, "more_commits") == "true";
  regression.detail = CaseText(node, "detail");
  return regression;
}

StepEvidence ReadStep(const YamlNode& node) {
  StepEvidence step;
  step.name = CaseText(node, "name");
  step.level = CaseText(node, "level");
  step.state = State(CaseText(node, "state", "passed"));
  step.usecase = CaseText(node, "usecase");
  if (const YamlNode* tests = node.Find("tests"); tests != nullptr) step.tests = Counts(*tests);
  if (node.Find("ran") != nullptr) ReadRan(CaseText(node, "ran"), step);
  if (const YamlNode* cases = node.Find("cases"); cases != nullptr) {
    step.cases = CaseFigures{Number(CaseText(*cases, "total", "0")),
                             Number(CaseText(*cases, "odd", "0")),
                             CaseText(*cases, "example"),
                             Number(CaseText(*cases, "real", "0"))};
  }
  if (const YamlNode* repeated = node.Find("repeated"); repeated != nullptr) {
    step.repeated = ReadRepeated(*repeated);
  }
  if (const YamlNode* regression = node.Find("regression"); regression != nullptr) {
    step.regression = ReadRegression(*regression);
  }
  return step;
}

std::map<std::string, double> Metrics(const YamlNode* node) {
  std::map<std::string, double> metrics;
  if (node == nullptr) return metrics;
  for (const YamlNode::Entry& entry : node->entries) {
    metrics[entry.key.scalar] = std::stod(entry.value.scalar);
  }
  return metrics;
}

std::vector<SchemaField> Schema(const YamlNode* node) {
  std::vector<SchemaField> schema;
  if (node == nullptr) return schema;
  for (const YamlNode::Entry& entry : node->entries) {
    schema.push_back({entry.key.scalar, entry.value.scalar});
  }
  return schema;
}

/// Pairs are written 20/1.
ConsistencyFigures ReadConsistencyFigures(const YamlNode& node) {
  ConsistencyFigures figures;
  if (node.Find("predictions") != nullptr) {
    figures.predictions.emplace();
    ReadFraction(
        node, "predictions", figures.predictions->compared, figures.predictions->different);
  }
  if (node.Find("invariance") != nullptr) {
    figures.invariance.emplace();
    ReadFraction(node, "invariance", figures.invariance->passed, figures.invariance->failed);
  }
  if (node.Find("direction") != nullptr) {
    figures.direction.emplace();
    ReadFraction(node, "direction", figures.direction->passed, figures.direction->failed);
  }
  figures.schema = Schema(node.Find("schema"));
  figures.champion_schema = Schema(node.Find("champion_schema"));
  figures.rerun = Metrics(node.Find("rerun"));
  return figures;
}

StepMeasurement ReadMeasured(const YamlNode& node) {
  StepMeasurement measured;
  measured.step = CaseText(node, "step", "train");
  measured.metrics = Metrics(node.Find("metrics"));
  measured.champion = ReleaseName(CaseText(node, "champion"));
  measured.measured_for = ReleaseName(CaseText(node, "for"));
  if (const YamlNode* consistency = node.Find("consistency"); consistency != nullptr) {
    measured.consistency = ReadConsistencyFigures(*consistency);
  }
  if (const YamlNode* repeated = node.Find("repeated"); repeated != nullptr) {
    measured.repeated = StepMeasurement::Repeated{Number(CaseText(*repeated, "metrics")),
                                                  CaseText(*repeated, "difference")};
  }
  return measured;
}

std::map<std::string, std::string> Digests(const YamlNode* node) {
  std::map<std::string, std::string> digests;
  if (node == nullptr) return digests;
  for (const YamlNode::Entry& entry : node->entries) {
    digests[entry.key.scalar] = "sha256:" + entry.value.scalar;
  }
  return digests;
}

/// Its spec is filled in by who knows the policy.
CheckFact ReadCheck(const YamlNode& node) {
  const std::map<std::string, CheckProgress> states{{"due", CheckProgress::kDue},
                                                    {"running", CheckProgress::kRunning},
                                                    {"passed", CheckProgress::kPassed},
                                                    {"failed", CheckProgress::kFailed}};
  CheckFact check;
  check.name = CaseText(node, "name");
  check.state = states.at(CaseText(node, "state", "passed"));
  check.record = kRecord;
  check.champion = ReleaseName(CaseText(node, "champion"));
  check.files = "sha256:f";
  check.metrics = Metrics(node.Find("metrics"));
  if (node.Find("finished") != nullptr) check.finished = Time(CaseText(node, "finished"));
  return check;
}

/// A column is written "TYPE NULLS".
DataEvidence ReadData(const YamlNode& node) {
  DataEvidence data;
  if (node.Find("objects") != nullptr) {
    data.objects = DataObjects{std::stoll(CaseText(node, "objects")),
                               std::stoll(CaseText(node, "bytes", "0"))};
  }
  if (node.Find("rows") == nullptr) return data;
  DataTable table;
  table.rows = std::stoll(CaseText(node, "rows"));
  for (const YamlNode::Entry& column : node.Find("columns")->entries) {
    const std::vector<std::string> parts = Split(column.value.scalar, ' ');
    Check(parts.size() == 2, "a column is written TYPE NULLS");
    table.columns[column.key.scalar] = DataColumn{parts[0], std::stoll(parts[1])};
  }
  data.table = std::move(table);
  return data;
}

Evidence ReadEvidence(const YamlNode& node) {
  Evidence evidence;
  if (const YamlNode* tests = node.Find("tests"); tests != nullptr) {
    for (const YamlNode::Entry& entry : tests->entries) {
      evidence.tests[entry.key.scalar] = Counts(entry.value);
    }
  }
  if (const YamlNode* steps = node.Find("steps"); steps != nullptr) {
    for (const YamlNode& step : steps->items) evidence.steps.push_back(ReadStep(step));
  }
  if (const YamlNode* coverage = node.Find("coverage"); coverage != nullptr) {
    CoverageFigures figures;
    ReadFraction(*coverage, "lines", figures.lines_covered, figures.lines_total);
    ReadFraction(*coverage, "branches", figures.branches_covered, figures.branches_total);
    evidence.coverage = figures;
  }
  if (const YamlNode* changed = node.Find("changed_lines"); changed != nullptr) {
    ChangedLines lines;
    lines.since = CommitId(CaseText(*changed, "since", "3f2c81a90b1d4e5f60718293a4b5c6d7e8f90a1b"));
    ReadFraction(*changed, "lines", lines.covered, lines.total);
    evidence.changed_lines = lines;
  }
  evidence.metrics = Metrics(node.Find("metrics"));
  if (const YamlNode* measured = node.Find("measured"); measured != nullptr) {
    for (const YamlNode& each : measured->items) evidence.measured.push_back(ReadMeasured(each));
  }
  if (const YamlNode* data = node.Find("data"); data != nullptr) {
    evidence.data = ReadData(*data);
  }
  return evidence;
}

const YamlNode& ZoneTable() {
  static const YamlNode kTable = ReadCaseTable("zones");
  return kTable;
}

SoakFact CaseSoak(const YamlNode& node) {
  const std::map<std::string, SoakState> states{
      {"steady", SoakState::kSteady},
      {"replaced", SoakState::kReplaced},
      {"disturbed", SoakState::kDisturbed},
      {"never-there", SoakState::kNeverThere},
      {"deploying", SoakState::kDeploying},
      {"failed", SoakState::kFailed},
      {"rolled-back", SoakState::kRolledBack},
      {"excepted", SoakState::kExcepted},
      {"no-such-environment", SoakState::kNoSuchEnvironment}};
  SoakFact fact;
  fact.environment = EnvironmentName(CaseText(node, "environment"));
  fact.state = states.at(CaseText(node, "state"));
  fact.detail = CaseText(node, "detail");
  if (node.Find("since") != nullptr) fact.since = Time(CaseText(node, "since"));
  if (node.Find("until") != nullptr) fact.until = Time(CaseText(node, "until"));
  return fact;
}

ArtifactFact CaseArtifact(const YamlNode& node) {
  const std::map<std::string, LoadSafety> safeties{
      {"data", LoadSafety::kData}, {"code", LoadSafety::kCode}, {"unknown", LoadSafety::kUnknown}};
  ArtifactFact fact;
  fact.name = CaseText(node, "name");
  fact.digest = "sha256:" + std::string(64, 'c');
  fact.size = Number(CaseText(node, "size", "10"));
  fact.declared = CaseText(node, "declared");
  fact.folder = CaseText(node, "folder") == "true";
  const YamlNode* found = node.Find("found");
  if (found == nullptr) return fact;
  ArtifactContents contents;
  contents.bytes = fact.size;
  for (const YamlNode& one : found->items) {
    contents.formats.push_back({CaseText(one, "format"),
                                safeties.at(CaseText(one, "safety")),
                                Number(CaseText(one, "files", "1")),
                                CaseText(one, "example"),
                                CaseText(one, "why")});
    contents.files += contents.formats.back().files;
  }
  contents.distributions = Texts(node.Find("distributions"));
  fact.contents = std::move(contents);
  return fact;
}

RequirementsFact CaseRequirements(const YamlNode& node) {
  RequirementsFact fact;
  fact.known = CaseText(node, "known", "true") == "true";
  fact.files = Number(CaseText(node, "files", "0"));
  fact.imports = Number(CaseText(node, "imports", "0"));
  fact.problems = Number(CaseText(node, "problems", "0"));
  if (const YamlNode* findings = node.Find("findings"); findings != nullptr) {
    for (const YamlNode& one : findings->items) {
      fact.findings.push_back({CaseText(one, "path"),
                               Number(CaseText(one, "line", "0")),
                               CaseText(one, "import"),
                               CaseText(one, "problem")});
    }
  }
  fact.uncovered = Number(CaseText(node, "uncovered", "0"));
  fact.uncovered_example = CaseText(node, "example");
  fact.dev_only = Texts(node.Find("dev_only"));
  return fact;
}

SonarFact CaseSonar(const YamlNode& node) {
  const std::map<std::string, SonarState> states{{"not-configured", SonarState::kNotConfigured},
                                                 {"not-asked", SonarState::kNotAsked},
                                                 {"unreachable", SonarState::kUnreachable},
                                                 {"not-analysed", SonarState::kNotAnalysed},
                                                 {"analysed", SonarState::kAnalysed}};
  const std::string revision = "3f2c81a90b1d4e5f60718293a4b5c6d7e8f90a1b";
  SonarFact fact;
  fact.project = CaseText(node, "project");
  fact.branch = CaseText(node, "branch");
  fact.revision = CommitId(revision);
  fact.state = states.at(CaseText(node, "state"));
  fact.analysis = CaseText(node, "analysis");
  fact.analysed = CommitId(CaseText(node, "analysed", revision));
  fact.status = CaseText(node, "status");
  fact.failed = Texts(node.Find("failed"));
  fact.more_failed = Number(CaseText(node, "more", "0"));
  const std::string asked = CaseText(node, "asked", "2026-11-23T11:59:00Z");
  if (asked != "never") fact.asked_at = Time(asked);
  fact.trouble = CaseText(node, "trouble");
  return fact;
}

}  // namespace

YamlNode ReadCaseTable(const std::string& name) {
  const std::string path = std::string(FAILGATE_POLICY_CASES) + "/" + name + ".yaml";
  Parsed<YamlNode> root = ParseYaml(ReadFile(path), path);
  if (!root) throw Error(Remedy::kNeedsChange, Describe(root.error()));
  return *root;
}

std::string CaseText(const YamlNode& node, const std::string& key, const std::string& absent) {
  const YamlNode* value = node.Find(key);
  return value == nullptr ? absent : value->scalar;
}

std::vector<ZoneFact> ReadCaseZones(const YamlNode& facts) {
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

Facts ReadCaseFacts(const YamlNode& node) {
  Facts facts = EmptyFacts();
  if (node.Find("now") != nullptr) facts.now = Time(CaseText(node, "now"));
  facts.rollback = CaseText(node, "rollback") == "true";
  facts.evidence = ReadEvidence(node);
  const YamlNode* authors = node.Find("authors");
  facts.authors_known = authors == nullptr || authors->kind == YamlNode::Kind::kSequence;
  if (authors != nullptr) {
    for (const YamlNode& author : authors->items) {
      facts.authors.push_back(Person{"", author.scalar});
    }
  }
  if (node.Find("requester") != nullptr) facts.requester = Person{"", CaseText(node, "requester")};
  facts.requested_via = CaseText(node, "via", "automatic");
  if (const YamlNode* approvals = node.Find("approvals"); approvals != nullptr) {
    for (const YamlNode& approval : approvals->items) {
      facts.approvals.push_back(Approval(approval));
    }
  }
  if (const YamlNode* after = node.Find("after"); after != nullptr) {
    LadderFact fact;
    fact.environment = EnvironmentName(CaseText(*after, "environment"));
    fact.state = Ladder(CaseText(*after, "state"));
    fact.detail = CaseText(*after, "detail");
    if (after->Find("since") != nullptr) fact.since = Time(CaseText(*after, "since"));
    facts.after = fact;
  }
  if (const YamlNode* soaks = node.Find("soaks"); soaks != nullptr) {
    for (const YamlNode& soak : soaks->items) facts.soaks.push_back(CaseSoak(soak));
  }
  if (const YamlNode* artifacts = node.Find("artifacts"); artifacts != nullptr) {
    for (const YamlNode& one : artifacts->items) facts.artifacts.push_back(CaseArtifact(one));
  }
  if (const YamlNode* requirements = node.Find("requirements"); requirements != nullptr) {
    facts.requirements = CaseRequirements(*requirements);
  }
  if (const YamlNode* sonar = node.Find("sonar"); sonar != nullptr) facts.sonar = CaseSonar(*sonar);
  if (const YamlNode* models = node.Find("models"); models != nullptr) {
    facts.models = ModelFacts{Digests(models->Find("release")),
                              Digests(models->Find("champion")),
                              Schema(models->Find("schema"))};
    if (const YamlNode* slices = models->Find("slices"); slices != nullptr) {
      for (const YamlNode& slice : slices->items) {
        facts.models->champion_slices.push_back(slice.scalar);
      }
    }
  }
  if (const YamlNode* checks = node.Find("checks"); checks != nullptr) {
    facts.check_files = CheckFilesFact{CommitId("3f2c"), "sha256:f"};
    for (const YamlNode& check : checks->items) facts.checks.push_back(ReadCheck(check));
  }
  if (node.Find("running") != nullptr) facts.running = ReleaseName(CaseText(node, "running"));
  if (const YamlNode* champion = node.Find("champion_data"); champion != nullptr) {
    facts.champion_data = ChampionDataFact{CaseText(*champion, "release"), {}};
    for (const YamlNode::Entry& column : champion->Find("columns")->entries) {
      facts.champion_data->columns[column.key.scalar] = column.value.scalar;
    }
  }
  facts.excepted = node.Find("excepted") != nullptr;
  facts.excepted_reason = CaseText(node, "excepted");
  return facts;
}

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
  zone.from = Time(CaseText(ZoneTable(), "from"));
  zone.until = Time(CaseText(ZoneTable(), "until"));
  const YamlNode* offsets = ZoneTable().Find("zones")->Find(name);
  zone.known = offsets != nullptr;
  if (offsets == nullptr) return zone;
  for (const YamlNode& offset : offsets->items) {
    zone.offsets.push_back(
        {Time(CaseText(offset, "since")), std::stoll(CaseText(offset, "seconds"))});
  }
  return zone;
}

}  // namespace failgate
