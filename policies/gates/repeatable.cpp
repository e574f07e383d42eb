#include "policies/gates/repeatable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "controller/base/text.h"
#include "policies/gates/counts.h"
#include "policies/gates/step_names.h"

namespace failgate {
namespace {

constexpr double kMaxTolerance = 1e9;
constexpr std::size_t kShownName = 80;
constexpr std::size_t kShownDifference = 300;

/// The first metric that moved further than it may; empty when none did.
std::string FirstMoved(const RepeatEvidence& repeat, double tolerance) {
  for (const auto& [name, pair] : repeat.moved) {
    // Written so that what is no number does not pass.
    if (std::fabs(pair.first - pair.second) <= tolerance) continue;
    return fmt::format("metric {} was {}, then {}",
                       OneLine(name, kShownName),
                       FormatNumber(pair.first),
                       FormatNumber(pair.second));
  }
  return {};
}

/// What speaks against the step; empty when nothing does.
std::string WhyNot(const StepEvidence* step, const RepeatableGate& gate) {
  if (step == nullptr) return "is no step of the run";
  if (step->state != EvidenceState::kPassed) return "did not pass";
  if (!step->repeated) return "was not run twice: write `repeat` in the pipeline";
  const RepeatEvidence& repeat = *step->repeated;
  if (!repeat.difference.empty()) return OneLine(repeat.difference, kShownDifference);
  if (!IsCount(repeat.cases) || !IsCount(repeat.metrics) || repeat.cases + repeat.metrics == 0) {
    return "reported nothing that can be compared";
  }
  if (gate.shuffled && !repeat.shuffled) {
    return "was not shuffled: write `repeat: {shuffle: …}` in the pipeline";
  }
  std::string moved = FirstMoved(repeat, gate.tolerance);
  if (!moved.empty()) return moved;
  return repeat.more_moved ? "more metrics moved than are recorded" : "";
}

std::string Same(const StepEvidence& step) {
  const RepeatEvidence& repeat = *step.repeated;
  std::vector<std::string> parts;
  if (repeat.cases > 0) parts.push_back(fmt::format("{} test cases", repeat.cases));
  if (repeat.metrics > 0) parts.push_back(fmt::format("{} metrics", repeat.metrics));
  if (repeat.shuffled) parts.emplace_back("shuffled");
  return fmt::format("{} twice the same ({})", OneLine(step.name, kShownName), Join(parts, ", "));
}

}  // namespace

RepeatableSettings ReadRepeatableSettings(const YamlNode& node, ProblemSink& problems) {
  RepeatableSettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, "gates.repeatable", problems);
  settings.mode = ReadMode(reader, node);
  settings.steps = ReadStepNames(reader, "repeatable", problems);
  if (const auto order = reader.OneOf("order", {"shuffled", "any"})) {
    settings.shuffled = WrittenAt(node.Find("order"), std::optional<bool>(*order == "shuffled"));
  }
  settings.tolerance =
      WrittenAt(node.Find("tolerance"), reader.Number("tolerance", 0, kMaxTolerance));
  reader.Finish();
  return settings;
}

RepeatableGate MergeRepeatable(const RepeatableGate* floor,
                               const RepeatableSettings& settings,
                               MergeProblems& problems) {
  RepeatableGate merged;
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("repeatable", floor->mode, settings.mode);
  } else if (!settings.steps) {
    problems.Add(settings.line, settings.column, "gate repeatable needs steps");
  }
  merged.mode = settings.mode.mode;
  if (settings.steps) {
    const std::vector<std::string>& written = settings.steps->value;
    if (!std::includes(written.begin(), written.end(), merged.steps.begin(), merged.steps.end())) {
      problems.AddLoosening(settings.steps->line,
                            settings.steps->column,
                            fmt::format("repeatable: steps [{}]", Join(written, ", ")),
                            fmt::format("steps: [{}]", Join(merged.steps, ", ")));
    }
    merged.steps = written;
  }
  if (settings.shuffled) {
    if (merged.shuffled && !settings.shuffled->value) {
      problems.AddLoosening(settings.shuffled->line,
                            settings.shuffled->column,
                            "repeatable: order any",
                            "order: shuffled");
    }
    merged.shuffled = settings.shuffled->value;
  }
  if (settings.tolerance) {
    if (floor != nullptr && settings.tolerance->value > floor->tolerance) {
      problems.AddLoosening(
          settings.tolerance->line,
          settings.tolerance->column,
          fmt::format("repeatable: tolerance {}", FormatNumber(settings.tolerance->value)),
          fmt::format("tolerance: {}", FormatNumber(floor->tolerance)));
    }
    merged.tolerance = settings.tolerance->value;
  }
  return merged;
}

GateVerdict EvaluateRepeatable(const RepeatableGate& gate, const Facts& facts) {
  GateVerdict verdict{"repeatable", gate.mode, Verdict::kFail, {}, std::nullopt};
  bool all = !gate.steps.empty();
  std::vector<std::string> texts;
  for (const std::string& name : gate.steps) {
    const StepEvidence* step = OnlyStep(facts.evidence, name);
    const std::string why_not = WhyNot(step, gate);
    if (why_not.empty()) {
      texts.push_back(Same(*step));
      continue;
    }
    all = false;
    texts.push_back(fmt::format("{}: {}", OneLine(name, kShownName), why_not));
  }
  if (texts.empty()) texts.emplace_back("no step is named");
  verdict.verdict = all ? Verdict::kPass : Verdict::kFail;
  verdict.reason = OneLine(Join(texts, "; "));
  return verdict;
}

}  // namespace failgate
