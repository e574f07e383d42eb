#include "policies/gates/tests.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

std::vector<std::string> InRankOrder(const std::vector<std::string>& levels) {
  std::vector<std::string> ordered;
  for (const std::string& level : TestLevels()) {
    if (std::find(levels.begin(), levels.end(), level) != levels.end()) ordered.push_back(level);
  }
  return ordered;
}

std::optional<std::vector<std::string>> ReadLevels(const YamlNode& node, ProblemSink& problems) {
  if (node.kind != YamlNode::Kind::kSequence || node.items.empty()) {
    problems.Add(node, "levels must be a list of at least one of " + Join(TestLevels(), ", "));
    return std::nullopt;
  }
  std::vector<std::string> levels;
  for (const YamlNode& item : node.items) {
    const std::optional<std::string> level = ReadString(item, "gates.tests.levels", problems);
    if (!level) return std::nullopt;
    if (std::find(TestLevels().begin(), TestLevels().end(), *level) == TestLevels().end()) {
      const std::optional<std::string> nearest = NearestWord(*level, TestLevels());
      problems.Add(item,
                   fmt::format("\"{}\" is no level; the levels are {}{}",
                               OneLine(*level, 60),
                               Join(TestLevels(), ", "),
                               nearest ? fmt::format(" (did you mean {}?)", *nearest) : ""));
      return std::nullopt;
    }
    if (std::find(levels.begin(), levels.end(), *level) != levels.end()) {
      problems.Add(item, fmt::format("level {} is written twice", *level));
      return std::nullopt;
    }
    levels.push_back(*level);
  }
  return InRankOrder(levels);
}

bool Believable(const TestCounts& counts) {
  const auto in_range = [](long long count) { return count >= 0 && count <= kMaxFactCount; };
  return in_range(counts.passed) && in_range(counts.failed) && in_range(counts.errors) &&
         in_range(counts.skipped);
}

/// Empty when the level passes.
std::string FaultOfLevel(const std::string& level, long long min, const Evidence& evidence) {
  const auto found = evidence.tests.find(level);
  if (found == evidence.tests.end()) return fmt::format("{} has no tests", level);
  const TestCounts& counts = found->second;
  if (!Believable(counts)) return fmt::format("{} has counts that cannot be", level);
  if (counts.failed > 0 || counts.errors > 0) {
    return fmt::format("{} {} failed, {} errors", level, counts.failed, counts.errors);
  }
  if (counts.passed == 0) {
    return fmt::format("{} has no passed test ({} skipped)", level, counts.skipped);
  }
  if (counts.passed < min) {
    return fmt::format("{} {} passed is under {}", level, counts.passed, min);
  }
  return {};
}

/// The first step by name, so that the order of the facts does not show.
std::string FaultOfSteps(const std::string& level, const Evidence& evidence) {
  std::vector<std::string> faults;
  for (const StepEvidence& step : evidence.steps) {
    if (step.level != level) continue;
    switch (step.state) {
      case EvidenceState::kPassed:
        if (!Believable(step.tests) || step.tests.failed > 0 || step.tests.errors > 0) {
          faults.push_back(fmt::format("step {} ({}) has failed tests", step.name, level));
        }
        break;
      case EvidenceState::kFailed:
        faults.push_back(fmt::format("step {} ({}) failed", step.name, level));
        break;
      case EvidenceState::kSkipped:
        faults.push_back(fmt::format("step {} ({}) was skipped", step.name, level));
        break;
    }
  }
  if (faults.empty()) return {};
  return *std::min_element(faults.begin(), faults.end());
}

}  // namespace

TestsSettings ReadTestsSettings(const YamlNode& node, ProblemSink& problems) {
  TestsSettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, "gates.tests", problems);
  settings.mode = ReadMode(reader, node);
  if (const YamlNode* levels = reader.Optional("levels"); levels != nullptr) {
    settings.levels = WrittenAt(levels, ReadLevels(*levels, problems));
  }
  settings.min = WrittenAt(node.Find("min"), reader.Integer("min", 1, kMaxFactCount));
  reader.Finish();
  return settings;
}

TestsGate MergeTests(const TestsGate* floor,
                     const TestsSettings& settings,
                     MergeProblems& problems) {
  TestsGate merged;
  merged.mode = settings.mode.mode;
  if (floor != nullptr) {
    merged.levels = floor->levels;
    merged.min = floor->min;
    problems.CheckMode("tests", floor->mode, settings.mode);
  } else if (!settings.levels) {
    problems.Add(settings.line, settings.column, "gate tests needs levels");
  }
  if (settings.levels) {
    for (const std::string& level : merged.levels) {
      const std::vector<std::string>& written = settings.levels->value;
      if (std::find(written.begin(), written.end(), level) != written.end()) continue;
      problems.AddLoosening(settings.levels->line,
                            settings.levels->column,
                            fmt::format("tests: levels without {}", level),
                            fmt::format("levels: [{}]", Join(floor->levels, ", ")));
    }
    merged.levels = settings.levels->value;
  }
  if (settings.min) {
    if (settings.min->value < merged.min) {
      problems.AddLoosening(settings.min->line,
                            settings.min->column,
                            fmt::format("tests: min {}", settings.min->value),
                            fmt::format("min: {}", merged.min));
    }
    merged.min = settings.min->value;
  }
  return merged;
}

GateVerdict EvaluateTests(const TestsGate& gate, const Facts& facts) {
  GateVerdict verdict{"tests", gate.mode, Verdict::kFail, {}, std::nullopt};
  std::vector<std::string> faults;
  std::vector<std::string> figures;
  for (const std::string& level : gate.levels) {
    std::string fault = FaultOfLevel(level, gate.min, facts.evidence);
    if (fault.empty()) fault = FaultOfSteps(level, facts.evidence);
    if (!fault.empty()) {
      faults.push_back(fault);
    } else {
      figures.push_back(fmt::format("{} {}", level, facts.evidence.tests.at(level).passed));
    }
  }
  if (gate.levels.empty()) faults.emplace_back("no level is asked for");
  verdict.verdict = faults.empty() ? Verdict::kPass : Verdict::kFail;
  verdict.reason = faults.empty() ? Join(figures, ", ") : OneLine(Join(faults, "; "));
  return verdict;
}

}  // namespace failgate
