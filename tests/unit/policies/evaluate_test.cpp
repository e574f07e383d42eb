#include "policies/evaluate.h"

#include <gtest/gtest.h>

#include <random>

#include "controller/base/text.h"
#include "policies/gates/registry.h"
#include "policies/policy_parser.h"
#include "tests/unit/policies/policy_cases.h"

namespace failgate {
namespace {

TEST(Evaluate, LetsNothingPassWithoutAPolicy) {
  const Decision decision = Evaluate(Policy{}, EmptyFacts());
  EXPECT_EQ(decision.outcome, Outcome::kBlocked);
  ASSERT_EQ(decision.verdicts.size(), 1U);
  EXPECT_EQ(decision.verdicts[0].gate, "policy");
}

TEST(Evaluate, GivesVerdictsInTheFixedOrder) {
  const Parsed<Policy> policy = MergedPolicy(
      "after: dev\ngates: {approvals: {count: 1, from: [a@b.c]}, coverage: {lines: 1}, tests: "
      "{levels: [unit]}}",
      "");
  ASSERT_TRUE(policy.has_value()) << Describe(policy.error());
  Facts facts = EmptyFacts();
  facts.excepted = true;
  std::vector<std::string> gates;
  for (const GateVerdict& verdict : Evaluate(*policy, facts).verdicts) {
    gates.push_back(verdict.gate);
  }
  EXPECT_EQ(Join(gates, " "), "except after tests coverage approvals");
}

TEST(Evaluate, RefusesNegativeCountsAndImpossibleCoverage) {
  const Parsed<Policy> policy =
      MergedPolicy("gates: {tests: {levels: [unit]}, coverage: {lines: 1}}", "");
  Facts facts = EmptyFacts();
  facts.evidence.tests["unit"] = TestCounts{5, -1, 0, 0};
  facts.evidence.coverage = CoverageFigures{-1, 5, 0, 0};
  for (const GateVerdict& verdict : Evaluate(*policy, facts).verdicts) {
    EXPECT_EQ(verdict.verdict, Verdict::kFail) << verdict.gate;
  }
}

TEST(Evaluate, KeepsReasonsOnOneLine) {
  const Parsed<Policy> policy = MergedPolicy("after: dev\ngates: none", "");
  Facts facts = EmptyFacts();
  facts.excepted = true;
  facts.excepted_reason = "x\nGate: tests pass";
  facts.after = LadderFact{EnvironmentName("dev"), LadderState::kFailed, {}, "a\r\nFact: deployed"};
  for (const GateVerdict& verdict : Evaluate(*policy, facts).verdicts) {
    EXPECT_EQ(verdict.reason.find_first_of("\r\n"), std::string::npos);
  }
}

TEST(AsksForApprovals, OnlyWhereTheyAreEnforced) {
  EXPECT_TRUE(AsksForApprovals(*MergedPolicy("gates: {approvals: {count: 1, from: [a@b.c]}}", "")));
  EXPECT_FALSE(AsksForApprovals(
      *MergedPolicy("gates: {approvals: {count: 1, from: [a@b.c], mode: advise}}", "")));
  EXPECT_FALSE(AsksForApprovals(*MergedPolicy("gates: none", "")));
}

/// Random gates, from loose to strict.
std::string RandomGates(std::mt19937& random) {
  const auto pick = [&random](int from, int to) {
    return std::uniform_int_distribution<int>(from, to)(random);
  };
  const auto mode = [&pick] { return std::string(pick(0, 3) == 0 ? ", mode: advise" : ""); };
  std::string gates;
  if (pick(0, 1) == 1) {
    const char* levels[] = {"[unit]", "[unit, integration]", "[unit, functional]"};
    gates += "  tests: {levels: " + std::string(levels[pick(0, 2)]) +
             ", min: " + std::to_string(pick(1, 4));
    const char* demands[] = {"",
                             ", order: enforced",
                             ", order: any",
                             ", functional: given-when-then",
                             ", functional: any",
                             ", usecases: [a]",
                             ", usecases: [a, b]",
                             ", real_calls: 1",
                             ", real_calls: 2"};
    gates += std::string(demands[pick(0, 8)]) + mode() + "}\n";
  }
  if (pick(0, 1) == 1) {
    gates += "  coverage: {lines: " + std::to_string(pick(70, 90));
    if (pick(0, 2) == 0) gates += ", changed_lines: " + std::to_string(pick(70, 90));
    gates += mode() + "}\n";
  }
  if (pick(0, 1) == 1) {
    const char* people[] = {"[a@x.y, b@x.y, c@x.y]", "[a@x.y, b@x.y]", "[b@x.y, c@x.y]"};
    const char* left_out[] = {"", ", not: [author]", ", not: [author, requester]"};
    gates += "  approvals: {count: " + std::to_string(pick(1, 2)) +
             ", from: " + people[pick(0, 2)] + left_out[pick(0, 2)] + mode() + "}\n";
  }
  if (pick(0, 2) == 0) {
    const char* where[] = {"in: dev", "in: recette", "in: dev, reserve: true"};
    gates += std::string("  soak: {") + where[pick(0, 2)] + ", for: " + std::to_string(pick(1, 4)) +
             "h" + mode() + "}\n";
  }
  if (pick(0, 2) == 0) {
    const char* keys[] = {"total", "unit", "functional"};
    gates += std::string("  max_duration: {") + keys[pick(0, 2)] + ": " +
             std::to_string(pick(1, 9)) + "m" + mode() + "}\n";
  }
  if (pick(0, 2) == 0) {
    const char* demands[] = {"unit", "functional", "unit, functional"};
    gates += std::string("  repeatable: {steps: [") + demands[pick(0, 2)] +
             "], tolerance: " + std::to_string(pick(0, 2)) +
             (pick(0, 1) == 0 ? ", order: shuffled" : "") + mode() + "}\n";
  }
  if (pick(0, 2) == 0) {
    const char* steps[] = {"when: always", "steps: [unit]", "steps: [functional, unit]"};
    const char* demands[] = {"",
                             ", when: fix",
                             ", when: fix, fixes: [bug, bugfix, fix, fixed, fixes, fixup, hotfix]",
                             ", since: running",
                             ", build_failure: counts"};
    const int which = pick(0, 2);
    gates += std::string("  regression_test: {") + steps[which] +
             demands[which == 0 ? pick(3, 4) : pick(0, 4)] + mode() + "}\n";
  }
  if (pick(0, 2) == 0) {
    const char* windows[] = {"allow: [\"*\"]", "allow: [\"Mon-Thu 09:00-17:00\"]", "freeze: []"};
    gates += std::string("  window: {timezone: UTC, ") + windows[pick(0, 2)] + mode() + "}\n";
  }
  if (pick(0, 5) == 0) {
    const char* commands[] = {"run: ./gate.sh", "name: risk, run: ./risk.sh", "run: ./other.sh"};
    gates += std::string("  command: {") + commands[pick(0, 2)] + mode() + "}\n";
  }
  if (pick(0, 2) == 0) {
    const char* formats[] = {"deny: [pickle]",
                             "deny: [pickle, runs-code]",
                             "allow: [joblib, text]",
                             "allow: [joblib, text, pickle]",
                             "max_size: 50",
                             "max_size: 80",
                             "formats: {app: joblib}"};
    gates += std::string("  artifacts: {") + formats[pick(0, 6)] + mode() + "}\n";
  }
  if (pick(0, 3) == 0) {
    const char* paths[] = {"sets: [{paths: [\"**\"], file: r.txt}]",
                           "sets: [{paths: [\"**\"], file: r.txt}], uncovered: ignore",
                           "uncovered: fail",
                           "uncovered: ignore"};
    gates += std::string("  requirements: {") + paths[pick(0, 3)] + mode() + "}\n";
  }
  if (pick(0, 3) == 0) {
    // A key that the floor leaves open is the project's own name until a project names another.
    const char* keys[] = {"project: churn", "branch: main, project: churn"};
    gates += std::string("  sonar: {") + keys[pick(0, 5) / 5] + mode() + "}\n";
  }
  if (pick(0, 2) == 0) {
    const char* bars[] = {"at_least: 0.7", "at_least: 0.8", "at_least: 0.7, at_most: 0.95"};
    const char* champions[] = {"",
                               ", direction: higher, not_worse_than: champion",
                               ", direction: higher, not_worse_than: champion, tolerance: 0.05",
                               ", direction: higher, not_worse_than: champion, tolerance: 10%",
                               ", direction: higher, not_worse_than: champion, tolerance: 1%"};
    const char* more[] = {"",
                          ", warn: 0.85",
                          ", warn: 0.9",
                          ", slices: [country=FR]",
                          ", slices: \"country=*\"",
                          ", samples: {metric: n, at_least: 50}",
                          ", samples: {metric: n, at_least: 80}",
                          ", samples: {at_least: 50}"};
    const char* metrics[] = {"auc", "f1"};
    gates += std::string("  model: {metric: ") + metrics[pick(0, 4) / 4] + ", " + bars[pick(0, 2)] +
             champions[pick(0, 4)] + more[pick(0, 7)] + mode() + "}\n";
  }
  if (pick(0, 3) == 0) {
    const char* parts[] = {"predictions: same",
                           "cases: {invariance: 2}",
                           "cases: {invariance: 3, direction: 1}",
                           "schema: champion",
                           "seeds: same",
                           "predictions: same, seeds: same"};
    gates += std::string("  consistency: {") + parts[pick(0, 5)] + mode() + "}\n";
  }
  if (pick(0, 3) == 0) {
    gates += std::string("  stability: {metric: auc, seeds: ") + std::to_string(pick(2, 3)) +
             ", max_spread: " + (pick(0, 1) == 0 ? "0.05" : "0.1") + mode() + "}\n";
  }
  if (pick(0, 2) == 0) {
    const char* demands[] = {"present: true",
                             "rows: {at_least: 50}",
                             "rows: {at_least: 80}",
                             "nulls: {at_most: 0.1}",
                             "nulls: {at_most: 0.02, columns: {age: 0.5}}",
                             "nulls: {columns: {age: 0}}",
                             "columns: [age]",
                             "columns: {age: int64}",
                             "schema: champion"};
    gates += std::string("  data: {") + demands[pick(0, 8)] + mode() + "}\n";
  }
  return gates.empty() ? "gates: none\n" : "gates:\n" + gates;
}

/// As if each command that RandomGates writes had been asked about these facts.
void AnswerCommands(std::mt19937& random, Facts& facts) {
  facts.check_files = CheckFilesFact{CommitId("3f2c"), "sha256:f"};
  const std::string input = CommandInputDigest(facts);
  std::vector<CommandFact> answers;
  for (const auto& [name, run] : {std::pair("", "./gate.sh"), std::pair("risk", "./risk.sh")}) {
    CommandGate gate;
    gate.name = name;
    gate.run = run;
    CommandFact answer{name, CommandDigest(gate), facts.check_files->digest, input, facts.now};
    answer.verdict = random() % 3 == 0 ? Verdict::kFail : Verdict::kPass;
    answer.reason = "so";
    answers.push_back(std::move(answer));
  }
  facts.commands = std::move(answers);
}

Facts RandomFacts(std::mt19937& random) {
  const auto pick = [&random](int from, int to) {
    return std::uniform_int_distribution<int>(from, to)(random);
  };
  Facts facts = EmptyFacts();
  for (const char* level : {"unit", "integration", "functional"}) {
    if (pick(0, 5) > 0) facts.evidence.tests[level] = TestCounts{pick(0, 5), pick(0, 9) / 9, 0, 0};
  }
  if (pick(0, 5) > 0) facts.evidence.coverage = CoverageFigures{pick(65, 100), 100, 0, 0};
  for (const char* level : {"unit", "functional"}) {
    StepEvidence step{level, level, EvidenceState::kPassed, TestCounts{3, 0, 0, 0}};
    step.usecase = pick(0, 1) == 0 ? "a" : "b";
    step.started = facts.now + std::chrono::minutes(pick(0, 9));
    step.finished = *step.started + std::chrono::minutes(pick(0, 5));
    if (pick(0, 5) > 0) step.cases = CaseFigures{3, pick(0, 4) / 4, "x", pick(0, 2)};
    if (pick(0, 5) > 0) {
      step.repeated = RepeatEvidence{pick(0, 3) > 0, 3, 1, pick(0, 9) == 0 ? "x" : "", false};
      step.repeated->moved["auc"] = {0, static_cast<double>(pick(0, 2))};
    }
    if (pick(0, 5) > 0) {
      RegressionEvidence tried;
      tried.state = static_cast<RegressionState>(pick(0, 5));
      tried.running = pick(0, 2) > 0 ? "churn-41" : "";
      tried.failed_before = pick(0, 1);
      const char* subjects[] = {"docs: x", "fix: x", "bug 12"};
      tried.subjects = {subjects[pick(0, 2)]};
      tried.more_subjects = pick(0, 9) == 0;
      step.regression = std::move(tried);
    }
    facts.evidence.steps.push_back(std::move(step));
  }
  facts.evidence.changed_lines = ChangedLines{CommitId("3f2c"), pick(65, 100), 100};
  for (const char* environment : {"dev", "recette"}) {
    facts.soaks.push_back(SoakFact{EnvironmentName(environment),
                                   SoakState::kSteady,
                                   facts.now - std::chrono::hours(pick(0, 9)),
                                   std::nullopt,
                                   ""});
  }
  const char* words[] = {"joblib", "pickle", "text"};
  const std::string format = words[pick(0, 2)];
  const LoadSafety safety = format == "text" ? LoadSafety::kData : LoadSafety::kCode;
  facts.artifacts.push_back({"app", "sha256:" + std::string(64, 'a'), 10 * pick(1, 10), "", false});
  if (pick(0, 5) > 0) {
    facts.artifacts[0].contents = ArtifactContents{1, 10, {{format, safety, 1, "", ""}}};
  }
  if (pick(0, 5) > 0) {
    RequirementsFact requirements;
    requirements.known = pick(0, 9) > 0;
    requirements.files = pick(0, 5);
    requirements.problems = pick(0, 4) / 4;
    requirements.uncovered = pick(0, 2) / 2;
    if (pick(0, 9) == 0) requirements.dev_only = {"pytest"};
    facts.requirements = std::move(requirements);
  }
  if (facts.artifacts[0].contents && pick(0, 9) == 0) {
    facts.artifacts[0].contents->distributions = {"pytest"};
  }
  if (pick(0, 5) > 0) {
    const char* statuses[] = {"OK", "OK", "OK", "ERROR", "NONE", "WARN"};
    SonarFact sonar;
    sonar.project = "churn";
    sonar.branch = pick(0, 3) == 0 ? "main" : "";
    sonar.revision = CommitId("3f2c");
    sonar.state = pick(0, 5) > 0 ? SonarState::kAnalysed : static_cast<SonarState>(pick(0, 4));
    sonar.analysis = "AXk1";
    sonar.analysed = CommitId(pick(0, 9) > 0 ? "3f2c" : "4444");
    sonar.status = statuses[pick(0, 5)];
    if (pick(0, 9) > 0) sonar.asked_at = facts.now - std::chrono::minutes(pick(0, 16));
    facts.sonar = std::move(sonar);
  }
  StepMeasurement measured{"train"};
  for (const char* name : {"auc",
                           "champion.auc",
                           "auc[country=FR]",
                           "f1",
                           "champion.f1",
                           "auc[seed=1]",
                           "auc[seed=2]",
                           "auc[seed=3]"}) {
    if (pick(0, 5) > 0) measured.metrics[name] = pick(65, 100) / 100.0;
  }
  if (pick(0, 5) > 0) measured.metrics["n"] = pick(40, 120);
  if (pick(0, 3) > 0) measured.champion = ReleaseName("churn-41");
  if (pick(0, 5) > 0) {
    ConsistencyFigures figures;
    figures.predictions = {5, pick(0, 4) / 4};
    figures.invariance = {pick(1, 4), pick(0, 4) / 4};
    if (pick(0, 2) > 0) figures.direction = {1, 0};
    figures.schema = {{"age", pick(0, 2) > 0 ? "int" : "text"}};
    measured.consistency = figures;
  }
  if (pick(0, 2) > 0) measured.repeated = StepMeasurement::Repeated{2, pick(0, 2) > 0 ? "" : "x"};
  facts.models = ModelFacts{{}, {}, {{"age", "int"}}};
  facts.evidence.measured.push_back(std::move(measured));
  if (pick(0, 9) > 0) {
    DataTable table;
    table.rows = 10 * pick(4, 10);
    table.columns["age"] = DataColumn{pick(0, 3) > 0 ? "int64" : "text", pick(0, 4)};
    facts.evidence.data = DataEvidence{DataObjects{1, 1}, std::move(table)};
  }
  if (pick(0, 3) > 0) facts.champion_data = ChampionDataFact{"churn-41", {{"age", "int64"}}};
  facts.zones.push_back(CaseZone("UTC"));
  facts.authors_known = pick(0, 5) > 0;
  facts.requested_via = "api";
  if (pick(0, 1) == 0) facts.running = ReleaseName("churn-41");
  for (const char* email : {"a@x.y", "b@x.y", "c@x.y"}) {
    if (pick(0, 5) == 0) facts.authors.push_back(Person{"", email});
    if (pick(0, 3) == 0) facts.requester = Person{"", email};
    if (pick(0, 2) == 0) continue;
    facts.approvals.push_back(ApprovalFact{
        Person{"", email}, pick(0, 9) == 0, facts.now, std::nullopt, facts.record, "api", false});
  }
  if (pick(0, 5) == 0) AnswerCommands(random, facts);
  return facts;
}

TEST(Tighten, NeverLoosens) {
  std::mt19937 random(812);
  int merged_policies = 0;
  int passed = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::string floor_text = RandomGates(random);
    const std::string project_text = RandomGates(random);
    const Parsed<Policy> merged = MergedPolicy(floor_text, project_text);
    if (!merged) continue;
    ++merged_policies;
    const Parsed<Policy> floor = MergedPolicy(floor_text, "");
    for (int i = 0; i < 4; ++i) {
      const Facts facts = RandomFacts(random);
      if (Evaluate(*merged, facts).outcome != Outcome::kPassed) continue;
      ++passed;
      ASSERT_EQ(Evaluate(*floor, facts).outcome, Outcome::kPassed) << floor_text << "\n"
                                                                   << project_text;
    }
  }
  EXPECT_GT(merged_policies, 1000);
  EXPECT_GT(passed, 100);
}

TEST(Tighten, KeepsTheFloorWhenTheProjectSaysNothing) {
  const Parsed<Policy> floor =
      MergedPolicy("after: dev\npolicy: deployment\ngates: {coverage: {lines: 80}}", "");
  EXPECT_EQ(*MergedPolicy("after: dev\npolicy: deployment\ngates: {coverage: {lines: 80}}",
                          "deploy: []\n"),
            *floor);
  EXPECT_EQ(floor->last_step, Policy::kDeployment);
  EXPECT_EQ(floor->after, EnvironmentName("dev"));
}

TEST(Tighten, LetsAProjectSayNoneWhereTheFloorSaysNone) {
  EXPECT_TRUE(MergedPolicy("gates: none", "gates: none").has_value());
}

}  // namespace
}  // namespace failgate
