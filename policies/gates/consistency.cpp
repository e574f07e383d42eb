#include "policies/gates/consistency.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "controller/base/text.h"
#include "policies/gates/counts.h"

namespace failgate {
namespace {

constexpr std::size_t kShownName = 80;
constexpr std::size_t kShownDifference = 200;

struct Finding {
  bool holds = false;
  std::string text;
  bool absent = false;  ///< no report tells it
};

Finding Absent(std::string text) {
  return {false, std::move(text), true};
}

/// By step, so that the order of the facts does not show.
std::vector<StepMeasurement> Ordered(const Facts& facts) {
  std::vector<StepMeasurement> steps = facts.evidence.measured;
  std::sort(steps.begin(), steps.end(), [](const StepMeasurement& a, const StepMeasurement& b) {
    return std::tie(a.step, a.measured_for, a.champion) <
           std::tie(b.step, b.measured_for, b.champion);
  });
  return steps;
}

/// Those that told something, of `part`.
template <typename T>
std::vector<T> AllOf(const Facts& facts, std::optional<T> ConsistencyFigures::*part) {
  std::vector<T> all;
  for (const StepMeasurement& step : facts.evidence.measured) {
    if (step.consistency && (*step.consistency).*part) all.push_back(*((*step.consistency).*part));
  }
  return all;
}

Finding JudgePredictions(const Facts& facts) {
  const auto all = AllOf(facts, &ConsistencyFigures::predictions);
  if (all.empty()) return Absent("no report tells predictions of a reloaded model");
  long long compared = 0;
  long long different = 0;
  for (const auto& each : all) {
    if (!IsCount(each.compared) || !IsCount(each.different) || each.different > each.compared ||
        each.compared == 0) {
      return Absent("no predictions of a reloaded model were compared");
    }
    compared += each.compared;
    different += each.different;
  }
  if (different > 0) {
    return {false,
            fmt::format("{} of {} predictions differ after reloading", different, compared),
            false};
  }
  return {true, fmt::format("{} predictions the same after reloading", compared), false};
}

Finding JudgeCases(const char* name,
                   long long least,
                   const std::vector<ConsistencyFigures::Cases>& all) {
  if (all.empty()) return Absent(fmt::format("no report tells {} cases", name));
  long long passed = 0;
  long long failed = 0;
  for (const auto& each : all) {
    if (!IsCount(each.passed) || !IsCount(each.failed)) {
      return Absent(fmt::format("the number of {} cases cannot be", name));
    }
    passed += each.passed;
    failed += each.failed;
  }
  if (failed > 0) {
    return {false, fmt::format("{} of {} {} cases fail", failed, passed + failed, name), false};
  }
  if (passed < least || passed == 0) {
    return {false,
            fmt::format("{} {} cases of the {} that are needed", passed, name, least),
            passed == 0};
  }
  return {true, fmt::format("{} {} cases", passed, name), false};
}

std::string Told(const std::vector<SchemaField>& schema, std::size_t at) {
  if (at >= schema.size()) return "nothing";
  return fmt::format(
      "{} {}", OneLine(schema[at].name, kShownName), OneLine(schema[at].type, kShownName));
}

/// Of the champion by its record, else as steps read it from the champion's own artifacts; empty
/// when nobody tells it, or steps contradict each other.
std::vector<SchemaField> ChampionSchema(const Facts& facts) {
  if (facts.models && !facts.models->champion_schema.empty()) {
    return facts.models->champion_schema;
  }
  std::vector<SchemaField> schema;
  for (const StepMeasurement& step : facts.evidence.measured) {
    const bool tells = step.consistency && !step.consistency->champion_schema.empty() &&
                       step.champion == *facts.running;
    if (!tells) continue;
    if (!schema.empty() && schema != step.consistency->champion_schema) return {};
    schema = step.consistency->champion_schema;
  }
  return schema;
}

Finding JudgeSchema(const Facts& facts) {
  const std::vector<SchemaField>* schema = nullptr;
  for (const StepMeasurement& step : facts.evidence.measured) {
    if (!step.consistency || step.consistency->schema.empty()) continue;
    if (schema != nullptr && *schema != step.consistency->schema) {
      return Absent("steps tell different input schemas");
    }
    schema = &step.consistency->schema;
  }
  if (schema == nullptr) return Absent("no report tells the input schema");
  if (facts.rollback) return {true, "what runs is left, so its input schema is not asked", false};
  if (!facts.running) {
    return {
        true,
        fmt::format(
            "input of {} fields; no champion in {} yet", schema->size(), facts.environment.text()),
        false};
  }
  const std::string running = facts.running->text();
  const std::vector<SchemaField> champion = ChampionSchema(facts);
  if (champion.empty()) {
    return Absent(fmt::format(
        "the record of champion {} tells no input schema, and no step read it from its artifacts",
        running));
  }
  if (*schema == champion) {
    return {true, fmt::format("input of {} fields as champion {}", schema->size(), running), false};
  }
  const auto apart =
      std::mismatch(schema->begin(), schema->end(), champion.begin(), champion.end());
  const auto at = static_cast<std::size_t>(apart.first - schema->begin());
  return {false,
          fmt::format("input field {} is {}, that of champion {} is {}",
                      at + 1,
                      Told(*schema, at),
                      running,
                      Told(champion, at)),
          false};
}

/// What the run that measured `step` says of `metric`; absent also when steps contradict.
std::optional<double> MetricBeside(const Facts& facts,
                                   const StepMeasurement& step,
                                   const std::string& metric) {
  std::optional<double> value;
  for (const StepMeasurement& other : facts.evidence.measured) {
    const auto found = other.metrics.find(metric);
    if (other.measured_for != step.measured_for || found == other.metrics.end()) continue;
    if (value && *value != found->second) return std::nullopt;
    value = found->second;
  }
  return value;
}

Finding JudgeRerun(const Facts& facts, const StepMeasurement& step) {
  for (const auto& [name, value] : step.consistency->rerun) {
    const auto first = MetricBeside(facts, step, name);
    if (!first) {
      return Absent(fmt::format("metric {} of the second training has no counterpart",
                                OneLine(name, kShownName)));
    }
    // Written so that what is no number does not pass.
    if (!(*first == value)) {
      return {false,
              fmt::format("metric {} was {}, then {} with the same seed",
                          OneLine(name, kShownName),
                          FormatNumber(*first),
                          FormatNumber(value)),
              false};
    }
  }
  return {true, {}, false};
}

Finding JudgeSeeds(const Facts& facts) {
  long long metrics = 0;
  for (const StepMeasurement& step : Ordered(facts)) {
    if (step.repeated) {
      if (!step.repeated->difference.empty()) {
        return {false,
                fmt::format("{}: {}",
                            OneLine(step.step, kShownName),
                            OneLine(step.repeated->difference, kShownDifference)),
                false};
      }
      if (!IsCount(step.repeated->metrics)) return Absent("the number of metrics cannot be");
      metrics += step.repeated->metrics;
    }
    if (step.consistency && !step.consistency->rerun.empty()) {
      const Finding rerun = JudgeRerun(facts, step);
      if (!rerun.holds) return rerun;
      metrics += static_cast<long long>(step.consistency->rerun.size());
    }
  }
  if (metrics == 0) {
    return Absent("no training ran twice with the same seed: write `repeat: true` in the pipeline");
  }
  return {true, fmt::format("{} metrics the same with the same seed", metrics), false};
}

std::vector<Finding> FindingsOf(const ConsistencyGate& gate, const Facts& facts) {
  std::vector<Finding> findings;
  if (gate.predictions) findings.push_back(JudgePredictions(facts));
  if (gate.invariance) {
    findings.push_back(
        JudgeCases("invariance", *gate.invariance, AllOf(facts, &ConsistencyFigures::invariance)));
  }
  if (gate.direction) {
    findings.push_back(
        JudgeCases("direction", *gate.direction, AllOf(facts, &ConsistencyFigures::direction)));
  }
  if (gate.schema) findings.push_back(JudgeSchema(facts));
  if (gate.seeds) findings.push_back(JudgeSeeds(facts));
  if (findings.empty()) findings.push_back(Absent("nothing is asked"));
  return findings;
}

MaybeWritten<bool> ReadWord(MappingReader& reader, const std::string& key, const char* word) {
  const YamlNode* node = reader.Optional(key);
  const auto read = reader.OneOf(key, {word});
  return read ? WrittenAt(node, std::optional(true)) : std::nullopt;
}

void MergeCases(const char* name,
                const MaybeWritten<long long>& written,
                std::optional<long long>& merged,
                MergeProblems& problems) {
  if (!written) return;
  if (merged && written->value < *merged) {
    problems.AddLoosening(written->line,
                          written->column,
                          fmt::format("consistency: {} {}", name, written->value),
                          fmt::format("{}: {}", name, *merged));
  }
  merged = written->value;
}

}  // namespace

ConsistencySettings ReadConsistencySettings(const YamlNode& node, ProblemSink& problems) {
  ConsistencySettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, "gates.consistency", problems);
  settings.mode = ReadMode(reader, node);
  settings.predictions = ReadWord(reader, "predictions", "same");
  settings.schema = ReadWord(reader, "schema", "champion");
  settings.seeds = ReadWord(reader, "seeds", "same");
  if (const YamlNode* cases = reader.Optional("cases"); cases != nullptr) {
    MappingReader inside(*cases, "gates.consistency.cases", problems);
    settings.invariance =
        WrittenAt(cases->Find("invariance"), inside.Integer("invariance", 1, kMaxFactCount));
    settings.direction =
        WrittenAt(cases->Find("direction"), inside.Integer("direction", 1, kMaxFactCount));
    inside.Finish();
  }
  reader.Finish();
  return settings;
}

ConsistencyGate MergeConsistency(const ConsistencyGate* floor,
                                 const ConsistencySettings& settings,
                                 MergeProblems& problems) {
  ConsistencyGate merged;
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("consistency", floor->mode, settings.mode);
  }
  merged.mode = settings.mode.mode;
  merged.predictions = merged.predictions || settings.predictions.has_value();
  merged.schema = merged.schema || settings.schema.has_value();
  merged.seeds = merged.seeds || settings.seeds.has_value();
  MergeCases("invariance", settings.invariance, merged.invariance, problems);
  MergeCases("direction", settings.direction, merged.direction, problems);
  if (!merged.predictions && !merged.schema && !merged.seeds && !merged.invariance &&
      !merged.direction) {
    problems.Add(settings.line,
                 settings.column,
                 "gate consistency needs predictions, cases, schema or seeds");
  }
  return merged;
}

GateVerdict EvaluateConsistency(const ConsistencyGate& gate, const Facts& facts) {
  GateVerdict verdict{"consistency", gate.mode, Verdict::kFail, {}, std::nullopt};
  const std::vector<Finding> findings = FindingsOf(gate, facts);
  std::vector<std::string> texts;
  for (const bool holds : {false, true}) {
    for (const Finding& finding : findings) {
      if (finding.holds == holds) texts.push_back(finding.text);
    }
  }
  const bool all = std::all_of(
      findings.begin(), findings.end(), [](const Finding& finding) { return finding.holds; });
  verdict.verdict = all ? Verdict::kPass : Verdict::kFail;
  verdict.reason = OneLine(Join(texts, "; "));
  return verdict;
}

bool ConsistencyIsJudged(const ConsistencyGate& gate, const Facts& facts) {
  const std::vector<Finding> findings = FindingsOf(gate, facts);
  return std::none_of(
      findings.begin(), findings.end(), [](const Finding& finding) { return finding.absent; });
}

}  // namespace failgate
