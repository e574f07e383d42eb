// All gates of one large release: 100 metrics and 10,000 test cases. From facts to the decision,
// the canonical bytes of its record, and what comes before: its reports, from text to evidence.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/evidence/evidence.h"
#include "controller/evidence/report_comparison.h"
#include "policies/decision_json.h"
#include "policies/evaluate.h"
#include "policies/gates/registry.h"
#include "policies/git_blob.h"
#include "policies/policy_parser.h"

namespace failgate {
namespace {

constexpr const char* kEnvironmentFile =
    "after: recette\n"
    "policy: delivery\n"
    "gates:\n"
    "  tests: {levels: [unit, integration, functional], min: {unit: 50}, order: enforced,\n"
    "    usecases: [scoring], functional: given-when-then, real_calls: 2}\n"
    "  coverage: {lines: 80, changed_lines: 90}\n"
    "  max_duration: {total: 1h, unit: 10m}\n"
    "  repeatable: {steps: [unit, train, functional], order: shuffled, tolerance: 0.01}\n"
    "  regression_test: {when: fix, since: running}\n"
    "  signed: {}\n"
    "  artifacts: {deny: [pickle, runs-code], max_size: 500MiB}\n"
    "  requirements: {sets: [{paths: [\"**\"], file: requirements.txt}]}\n"
    "  sonar: {project: ml_churn}\n"
    "  data: {rows: {at_least: 1000}, nulls: {at_most: 0.02}, schema: champion}\n"
    "  model:\n"
    "    metrics:\n"
    "      - {metric: metric_0, at_least: 0.4, not_worse_than: champion, direction: higher, warn: "
    "0.41}\n"
    "      - {metric: metric_1, at_least: 0.4, not_worse_than: champion, tolerance: \"1%\",\n"
    "         direction: higher, slices: \"country=*\", samples: {metric: n, at_least: 100}}\n"
    "  consistency: {predictions: same, cases: {invariance: 20, direction: 20}, schema: champion}\n"
    "  stability: {seeds: 5, metric: metric_2, max_spread: 0.1}\n"
    "  command: {name: risk, run: ./risk.sh}\n"
    "  approvals:\n"
    "    count: 2\n"
    "    from: [alice@example.com, bob@example.com, carol@example.com]\n"
    "    not: [author, requester]\n"
    "  soak: {in: recette, for: 24h, reserve: true}\n"
    "  window:\n"
    "    timezone: Europe/Paris\n"
    "    allow: [\"Mon-Thu 09:00-17:00\"]\n"
    "    freeze: [{from: 2026-12-20, to: 2027-01-04, reason: year end}]\n";

constexpr const char* kProjectFile =
    "checks: {before: [{name: compare, run: ./compare.sh, reports: {metrics: out/m.json}}]}\n"
    "deploy:\n  - directory: {path: /srv/churn, artifacts: [app]}\n";

constexpr int kMetrics = 100;
constexpr int kCases = 10'000;

/// Names as people write them: as long, and with what XML escapes.
std::string JunitOf(const std::string& level, int cases) {
  std::string xml =
      fmt::format("<?xml version=\"1.0\"?>\n<testsuites><testsuite name=\"{}\">", level);
  for (int i = 0; i < cases; ++i) {
    xml += fmt::format(
        "<testcase classname=\"tests.{}.test_rates.TestRate{}\" "
        "name=\"given_a_rate_of_{}_when_scored_then_&lt;it&gt;_counts\" "
        "time=\"0.00{}\">{}</testcase>\n",
        level,
        i % 50,
        i,
        i % 10,
        i % 1000 == 0 ? "<properties><property name=\"real_calls\" value=\"true\"/></properties>"
                      : "");
  }
  return xml + "</testsuite></testsuites>\n";
}

std::string MetricsText(double change) {
  std::string text;
  for (int i = 0; i < kMetrics; ++i) {
    text += fmt::format("{}\"metric_{}\": {}", i == 0 ? "{" : ", ", i, 0.5 + i * 0.001 + change);
  }
  return text + "}";
}

std::vector<StepReports> StepsOfARelease(TimePoint time) {
  std::vector<StepReports> steps;
  const int levels = static_cast<int>(TestLevels().size());
  for (const std::string& level : TestLevels()) {
    StepReports step{level, level, EvidenceState::kPassed, {}};
    step.reports.push_back(ReadReport(JunitOf(level, kCases / levels), ReportKind::kTests).value());
    step.usecase = "scoring";
    step.started = time;
    step.finished = time += std::chrono::minutes(5);
    if (level == "train") {
      step.reports.push_back(ReadReport(MetricsText(0), ReportKind::kMetrics).value());
      auto again = step.reports;
      again.back() = ReadReport(MetricsText(0.001), ReportKind::kMetrics).value();
      step.repeated = CompareRuns(step.reports, again);
      step.repeated->more_moved = false;  // so that the longest way through the gate is a pass
    } else {
      step.repeated = CompareRuns(step.reports, step.reports);
    }
    step.repeated->shuffled = true;
    step.regression = RegressionEvidence{
        RegressionState::kRan, CommitId(std::string(40, 'b')), "churn-41", 20, {}, {}, false, ""};
    for (int i = 0; i < 20; ++i) step.regression->cases.push_back(fmt::format("tests.test_{}", i));
    for (int i = 0; i < 200; ++i) {
      step.regression->subjects.push_back(fmt::format("Change {}, and say why in a few words", i));
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

/// What a model's report says of it, and of the champion on the same data.
std::map<std::string, double> ModelMetrics(std::map<std::string, double> metrics) {
  for (const auto& [name, value] : std::map<std::string, double>(metrics)) {
    metrics["champion." + name] = value - 0.001;
  }
  metrics["n"] = metrics["champion.n"] = 5000;
  for (int i = 0; i < 20; ++i) {
    const std::string country = fmt::format("[country={}]", i);
    metrics["metric_1" + country] = 0.51;
    metrics["champion.metric_1" + country] = 0.5;
    metrics["n" + country] = metrics["champion.n" + country] = 200;
  }
  for (int seed = 1; seed <= 5; ++seed) {
    metrics[fmt::format("metric_2[seed={}]", seed)] = 0.5 + seed * 0.001;
  }
  return metrics;
}

void AddModel(Facts& facts) {
  StepMeasurement trained{"train", ModelMetrics(facts.evidence.metrics), *facts.running};
  ConsistencyFigures figures;
  figures.predictions = {1000, 0};
  figures.invariance = {20, 0};
  figures.direction = {20, 0};
  DataTable table;
  table.rows = 100'000;
  ChampionDataFact champion{facts.running->text(), {}};
  for (int i = 0; i < kMetrics; ++i) {
    const std::string column = fmt::format("column_{}", i);
    figures.schema.push_back({column, "float64"});
    table.columns[column] = DataColumn{"float64", 10};
    champion.columns[column] = "float64";
  }
  facts.models = ModelFacts{{}, {}, figures.schema};
  trained.consistency = std::move(figures);
  facts.evidence.measured = {std::move(trained)};
  facts.evidence.data = DataEvidence{DataObjects{3, 1'000'000}, std::move(table)};
  facts.champion_data = std::move(champion);
}

Facts FactsOfARelease() {
  Facts facts;
  facts.project = ProjectName("churn");
  facts.environment = EnvironmentName("prod");
  facts.release = ReleaseName("churn-42");
  facts.running = ReleaseName("churn-41");
  facts.record = "sha256:" + std::string(64, 'a');
  facts.now = *ParseTime("2026-11-23T09:00:00Z");
  facts.evidence = CollectEvidence(StepsOfARelease(facts.now - std::chrono::hours(1))).value();
  Check(facts.evidence.metrics.size() == kMetrics, "the release has its metrics");
  facts.signed_commits = SignedCommitsFact{true, false, {}};
  for (int i = 0; i < 100; ++i) {
    facts.signed_commits->commits.push_back(
        {CommitId(fmt::format("{:040x}", i)), "dave@example.com", "dave@example.com", ""});
  }
  facts.evidence.coverage = CoverageFigures{910, 1000, 300, 400};
  facts.evidence.changed_lines = ChangedLines{CommitId(std::string(40, 'b')), 37, 40};
  facts.authors_known = true;
  facts.authors = {Person{"Dave", "dave@example.com"}};
  facts.requester = Person{"Carol", "carol@example.com"};
  facts.requested_via = "api";
  for (const char* email : {"alice@example.com", "bob@example.com"}) {
    facts.approvals.push_back(
        {Person{"", email}, false, facts.now, std::nullopt, facts.record, "api", false});
  }
  facts.after = LadderFact{EnvironmentName("recette"), LadderState::kPassed, facts.now, ""};
  facts.soaks.push_back({EnvironmentName("recette"),
                         SoakState::kSteady,
                         facts.now - std::chrono::hours(48),
                         std::nullopt,
                         ""});
  AddModel(facts);
  ArtifactContents contents;
  contents.files = 1;
  contents.bytes = 1000;
  contents.formats = {{"onnx", LoadSafety::kData, 1, "", ""}};
  facts.artifacts.push_back({"model", facts.record, 1000, "onnx", false, contents});
  facts.requirements = RequirementsFact{true, 200, 1000, 0, {}, 0, "", {}};
  SonarFact sonar;
  sonar.project = "ml_churn";
  sonar.revision = CommitId(std::string(40, 'd'));
  sonar.state = SonarState::kAnalysed;
  sonar.analysis = "AXk1";
  sonar.analysed = sonar.revision;
  sonar.status = "OK";
  sonar.asked_at = facts.now;
  facts.sonar = std::move(sonar);
  facts.zones.push_back({"Europe/Paris",
                         true,
                         facts.now - std::chrono::days(2),
                         facts.now + std::chrono::days(400),
                         {{facts.now - std::chrono::days(2), 3600},
                          {*ParseTime("2027-03-28T01:00:00Z"), 7200},
                          {*ParseTime("2027-10-31T01:00:00Z"), 3600}}});
  return facts;
}

/// What checks and commands answered for exactly these facts.
void AddAnswers(const Policy& policy, Facts& facts) {
  facts.check_files = CheckFilesFact{CommitId(std::string(40, 'c')), "sha256:files"};
  for (const OperationsCheck& check : policy.checks.before) {
    CheckFact fact;
    fact.name = check.name;
    fact.state = CheckProgress::kPassed;
    fact.record = facts.record;
    fact.champion = *facts.running;
    fact.spec = CheckDigest(check);
    fact.files = facts.check_files->digest;
    fact.metrics = ModelMetrics(facts.evidence.metrics);
    fact.finished = facts.now;
    facts.checks.push_back(fact);
  }
  for (const CommandGate& gate : policy.commands) {
    CommandFact fact;
    fact.name = gate.name;
    fact.spec = CommandDigest(gate);
    fact.files = facts.check_files->digest;
    fact.input = CommandInputDigest(facts);
    fact.asked = facts.now;
    fact.verdict = Verdict::kPass;
    fact.reason = "risk 0.2 of 0.5";
    facts.commands.push_back(fact);
  }
}

/// The policy that has every gate there is.
const Policy& AllGates() {
  static const Policy policy = [] {
    for (const GateEntry& gate : GateRegistry()) {
      const bool written =
          std::string_view(kEnvironmentFile).find("  " + gate.name + ":") != std::string_view::npos;
      Check(gate.read == nullptr || written, "the benchmark asks gate " + gate.name + " too");
    }
    const Policy floor =
        ParseEnvironmentPolicy(kEnvironmentFile, "environments/prod/environment.yaml").value();
    const GateSettings project =
        ParseProjectGates(kProjectFile, "environments/prod/churn.yaml").value();
    return Tighten(floor, project).value();
  }();
  return policy;
}

void EvaluateAll(benchmark::State& state) {
  Facts facts = FactsOfARelease();
  AddAnswers(AllGates(), facts);
  for (auto _ : state) {
    const Decision decision = Evaluate(AllGates(), facts);
    Check(decision.outcome == Outcome::kPassed, "all gates pass");
    Check(decision.verdicts.size() == GateRegistry().size(), "each gate gave its verdict");
  }
}
BENCHMARK(EvaluateAll)->Name("all gates of a release, 100 metrics, 10000 test cases/failgate");

void ReadTheReport(benchmark::State& state) {
  const std::string xml = JunitOf("unit", kCases);
  for (auto _ : state) {
    const Result<Report> report = ReadReport(xml, ReportKind::kTests);
    Check(report.has_value() && report->tests.passed == kCases, "the report is read");
  }
}
BENCHMARK(ReadTheReport)->Name("reading a JUnit report of 10000 test cases/failgate");

void CompareTheReports(benchmark::State& state) {
  const std::vector<Report> reports{
      ReadReport(JunitOf("unit", kCases), ReportKind::kTests).value()};
  for (auto _ : state) {
    Check(CompareRuns(reports, reports).difference.empty(), "the runs are the same");
  }
}
BENCHMARK(CompareTheReports)->Name("comparing two runs of 10000 test cases/failgate");

void CollectIt(benchmark::State& state) {
  const auto steps = StepsOfARelease(*ParseTime("2026-11-23T09:00:00Z"));
  for (auto _ : state) {
    benchmark::DoNotOptimize(CollectEvidence(steps).has_value());
  }
}
BENCHMARK(CollectIt)->Name("evidence of read reports, 10000 test cases/failgate");

void Record(benchmark::State& state) {
  DecisionRecord record;
  record.facts = FactsOfARelease();
  AddAnswers(AllGates(), record.facts);
  record.project = record.facts.project;
  record.environment = record.facts.environment;
  record.release = record.facts.release;
  record.record = record.facts.record;
  record.time = record.facts.now;
  record.policy = {
      {"environments/prod/environment.yaml", GitBlobId(kEnvironmentFile), kEnvironmentFile},
      {"environments/prod/churn.yaml", GitBlobId(kProjectFile), kProjectFile}};
  record.decision = Evaluate(AllGates(), record.facts);
  Check(!VerifyDecision(record).has_value(), "the record verifies");
  for (auto _ : state) {
    benchmark::DoNotOptimize(DecisionName(DecisionRecordToJson(record)));
  }
}
BENCHMARK(Record)->Name("decision record of that release/failgate");

}  // namespace
}  // namespace failgate
