#include "policies/gates/max_duration.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "policies/gates/step_times.h"

namespace failgate {
namespace {

/// "total", then the levels in their rank.
std::vector<std::string> Keys() {
  std::vector<std::string> keys{kTotalTime};
  keys.insert(keys.end(), TestLevels().begin(), TestLevels().end());
  return keys;
}

/// Text of one limit; sets `kept` to false when it is exceeded or cannot be told.
std::string Judge(const std::string& key,
                  Milliseconds limit,
                  const Evidence& evidence,
                  bool& kept) {
  Milliseconds spent{0};
  bool any = false;
  std::vector<std::string> unknown;
  for (const StepEvidence& step : evidence.steps) {
    if (step.state == EvidenceState::kSkipped || (key != kTotalTime && step.level != key)) continue;
    any = true;
    const bool believable = step.started && step.finished && *step.finished >= *step.started &&
                            *step.finished - *step.started <= kLongestStep;
    if (!believable) {
      unknown.push_back(step.name);
      continue;
    }
    spent += *step.finished - *step.started;
  }
  if (!unknown.empty()) {
    kept = false;
    // The first by name, so that the order of the facts does not show.
    return fmt::format("{}: how long step {} took is not known",
                       key,
                       OneLine(*std::min_element(unknown.begin(), unknown.end()), 80));
  }
  if (!any) {
    kept = false;
    return fmt::format("{}: no step ran", key);
  }
  if (spent <= limit) {
    return fmt::format("{} {} of {}", key, FormatDuration(spent), FormatDuration(limit));
  }
  kept = false;
  return fmt::format("{} {} is over {}", key, FormatDuration(spent), FormatDuration(limit));
}

}  // namespace

MaxDurationSettings ReadMaxDurationSettings(const YamlNode& node, ProblemSink& problems) {
  MaxDurationSettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, "gates.max_duration", problems);
  settings.mode = ReadMode(reader, node);
  for (const std::string& key : Keys()) {
    if (const auto limit = WrittenAt(node.Find(key), reader.Duration(key))) {
      settings.limits.emplace(key, *limit);
    }
  }
  reader.Finish();
  return settings;
}

MaxDurationGate MergeMaxDuration(const MaxDurationGate* floor,
                                 const MaxDurationSettings& settings,
                                 MergeProblems& problems) {
  MaxDurationGate merged;
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("max_duration", floor->mode, settings.mode);
  } else if (settings.limits.empty()) {
    problems.Add(settings.line,
                 settings.column,
                 fmt::format("gate max_duration needs at least one of {}", Join(Keys(), ", ")));
  }
  merged.mode = settings.mode.mode;
  for (const auto& [key, written] : settings.limits) {
    const auto known = merged.limits.find(key);
    if (known != merged.limits.end() && written.value > known->second) {
      problems.AddLoosening(written.line,
                            written.column,
                            fmt::format("max_duration: {} {}", key, FormatDuration(written.value)),
                            fmt::format("{}: {}", key, FormatDuration(known->second)));
    }
    merged.limits[key] = written.value;
  }
  return merged;
}

GateVerdict EvaluateMaxDuration(const MaxDurationGate& gate, const Facts& facts) {
  GateVerdict verdict{"max_duration", gate.mode, Verdict::kFail, {}, std::nullopt};
  bool kept = !gate.limits.empty();
  std::vector<std::string> texts;
  for (const std::string& key : Keys()) {
    const auto limit = gate.limits.find(key);
    if (limit == gate.limits.end()) continue;
    texts.push_back(Judge(key, limit->second, facts.evidence, kept));
  }
  if (texts.empty()) texts.emplace_back("no limit is asked for");
  verdict.verdict = kept ? Verdict::kPass : Verdict::kFail;
  verdict.reason = OneLine(Join(texts, ", "));
  return verdict;
}

}  // namespace failgate
