// Reading and merging of gate `tests`; its verdict is in tests.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "policies/gates/tests.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxUsecases = 200;

std::vector<std::string> InRankOrder(const std::vector<std::string>& levels) {
  std::vector<std::string> ordered;
  for (const std::string& level : TestLevels()) {
    if (std::find(levels.begin(), levels.end(), level) != levels.end()) ordered.push_back(level);
  }
  return ordered;
}

bool IsLevel(const YamlNode& node, const std::string& level, ProblemSink& problems) {
  if (std::find(TestLevels().begin(), TestLevels().end(), level) != TestLevels().end()) return true;
  const std::optional<std::string> nearest = NearestWord(level, TestLevels());
  problems.Add(node,
               fmt::format("\"{}\" is no level; the levels are {}{}",
                           OneLine(level, 60),
                           Join(TestLevels(), ", "),
                           nearest ? fmt::format(" (did you mean {}?)", *nearest) : ""));
  return false;
}

std::optional<std::vector<std::string>> ReadLevels(const YamlNode& node, ProblemSink& problems) {
  if (node.kind != YamlNode::Kind::kSequence || node.items.empty()) {
    problems.Add(node, "levels must be a list of at least one of " + Join(TestLevels(), ", "));
    return std::nullopt;
  }
  std::vector<std::string> levels;
  for (const YamlNode& item : node.items) {
    const std::optional<std::string> level = ReadString(item, "gates.tests.levels", problems);
    if (!level || !IsLevel(item, *level, problems)) return std::nullopt;
    if (std::find(levels.begin(), levels.end(), *level) != levels.end()) {
      problems.Add(item, fmt::format("level {} is written twice", *level));
      return std::nullopt;
    }
    levels.push_back(*level);
  }
  return InRankOrder(levels);
}

/// One number for all levels, or a mapping of levels to numbers.
void ReadMin(MappingReader& reader,
             const YamlNode& node,
             ProblemSink& problems,
             TestsSettings& settings) {
  const YamlNode* min = node.Find("min");
  if (min == nullptr || min->kind != YamlNode::Kind::kMapping) {
    settings.min = WrittenAt(min, reader.Integer("min", 1, kMaxFactCount));
    return;
  }
  reader.Allow("min");
  for (const YamlNode::Entry& entry : min->entries) {
    const auto count =
        ReadInteger(entry.value, "gates.tests.min." + entry.key.scalar, 1, kMaxFactCount, problems);
    if (IsLevel(entry.key, entry.key.scalar, problems) && count) {
      settings.min_of[entry.key.scalar] =
          Written<long long>{*count, entry.value.line, entry.value.column};
    }
  }
}

std::optional<std::vector<std::string>> ReadUsecases(const YamlNode& node, ProblemSink& problems) {
  if (node.kind != YamlNode::Kind::kSequence || node.items.empty() ||
      node.items.size() > kMaxUsecases) {
    problems.Add(node,
                 fmt::format("usecases must be a list of 1 to {} names as the pipeline's steps "
                             "write them in usecase",
                             kMaxUsecases));
    return std::nullopt;
  }
  std::vector<std::string> usecases;
  for (const YamlNode& item : node.items) {
    const std::optional<std::string> name = ReadString(item, "gates.tests.usecases", problems);
    if (!name) return std::nullopt;
    if (!IsValidName(*name)) {
      problems.Add(item, fmt::format("\"{}\" is no name of a use case", OneLine(*name, 80)));
      return std::nullopt;
    }
    usecases.push_back(*name);
  }
  std::sort(usecases.begin(), usecases.end());
  usecases.erase(std::unique(usecases.begin(), usecases.end()), usecases.end());
  return usecases;
}

/// A key with a word that asks something and the word `any` that does not.
MaybeWritten<bool> ReadDemand(MappingReader& reader,
                              const YamlNode& node,
                              const char* key,
                              const char* word) {
  const std::optional<std::string> written = reader.OneOf(key, {word, "any"});
  if (!written) return std::nullopt;
  return WrittenAt(node.Find(key), std::optional<bool>(*written == word));
}

void MergeMin(const TestsGate& floor,
              const TestsSettings& settings,
              TestsGate& merged,
              MergeProblems& problems) {
  if (settings.min) {
    if (settings.min->value < floor.min) {
      problems.AddLoosening(settings.min->line,
                            settings.min->column,
                            fmt::format("tests: min {}", settings.min->value),
                            fmt::format("min: {}", floor.min));
    }
    merged.min = settings.min->value;
  }
  for (const auto& [level, written] : settings.min_of) {
    const long long least = LeastTestsOf(floor, level);
    if (written.value < least) {
      problems.AddLoosening(written.line,
                            written.column,
                            fmt::format("tests: min {} of {}", written.value, level),
                            fmt::format("min: {} for it", least));
    }
    merged.min_of[level] = written.value;
  }
  for (const auto& [level, written] : settings.min_of) {
    const auto& levels = merged.levels;
    if (std::find(levels.begin(), levels.end(), level) != levels.end()) continue;
    problems.Add(
        written.line,
        written.column,
        fmt::format("tests: min of {}, which is not among the levels: add it there", level));
  }
}

void MergeDemand(const MaybeWritten<bool>& written,
                 const std::string& key,
                 const std::string& word,
                 bool& merged,
                 MergeProblems& problems) {
  if (!written) return;
  if (merged && !written->value) {
    problems.AddLoosening(
        written->line, written->column, "tests: " + key + " any", key + ": " + word);
  }
  merged = merged || written->value;
}

void MergeLevels(const TestsSettings& settings, TestsGate& merged, MergeProblems& problems) {
  if (!settings.levels) return;
  const std::vector<std::string>& written = settings.levels->value;
  for (const std::string& level : merged.levels) {
    if (std::find(written.begin(), written.end(), level) != written.end()) continue;
    problems.AddLoosening(settings.levels->line,
                          settings.levels->column,
                          fmt::format("tests: levels without {}", level),
                          fmt::format("levels: [{}]", Join(merged.levels, ", ")));
  }
  merged.levels = written;
}

void MergeUsecases(const TestsSettings& settings, TestsGate& merged, MergeProblems& problems) {
  if (!settings.usecases) return;
  const std::vector<std::string>& written = settings.usecases->value;
  if (!std::includes(
          written.begin(), written.end(), merged.usecases.begin(), merged.usecases.end())) {
    problems.AddLoosening(settings.usecases->line,
                          settings.usecases->column,
                          fmt::format("tests: usecases [{}]", Join(written, ", ")),
                          fmt::format("usecases: [{}]", Join(merged.usecases, ", ")));
  }
  merged.usecases = written;
}

void MergeRealCalls(const TestsSettings& settings, TestsGate& merged, MergeProblems& problems) {
  if (!settings.real_calls) return;
  if (settings.real_calls->value < merged.real_calls) {
    problems.AddLoosening(settings.real_calls->line,
                          settings.real_calls->column,
                          fmt::format("tests: real_calls {}", settings.real_calls->value),
                          fmt::format("real_calls: {}", merged.real_calls));
  }
  merged.real_calls = settings.real_calls->value;
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
  ReadMin(reader, node, problems, settings);
  settings.in_order = ReadDemand(reader, node, "order", "enforced");
  if (const YamlNode* usecases = reader.Optional("usecases"); usecases != nullptr) {
    settings.usecases = WrittenAt(usecases, ReadUsecases(*usecases, problems));
  }
  settings.given_when_then = ReadDemand(reader, node, "functional", "given-when-then");
  settings.real_calls =
      WrittenAt(node.Find("real_calls"), reader.Integer("real_calls", 1, kMaxFactCount));
  reader.Finish();
  return settings;
}

TestsGate MergeTests(const TestsGate* floor,
                     const TestsSettings& settings,
                     MergeProblems& problems) {
  TestsGate merged;
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("tests", floor->mode, settings.mode);
  } else if (!settings.levels) {
    problems.Add(settings.line, settings.column, "gate tests needs levels");
  }
  const TestsGate before = merged;
  merged.mode = settings.mode.mode;
  MergeLevels(settings, merged, problems);
  MergeMin(before, settings, merged, problems);
  MergeDemand(settings.in_order, "order", "enforced", merged.in_order, problems);
  MergeDemand(
      settings.given_when_then, "functional", "given-when-then", merged.given_when_then, problems);
  MergeUsecases(settings, merged, problems);
  MergeRealCalls(settings, merged, problems);
  return merged;
}

}  // namespace failgate
