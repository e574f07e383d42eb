#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "policies/gates/regression_test.h"
#include "policies/gates/step_names.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxWords = 50;
constexpr std::size_t kMaxWordLength = 40;

const std::vector<std::string>& UsualFixWords() {
  static const std::vector<std::string> kWords = {
      "bugfix", "fix", "fixed", "fixes", "fixup", "hotfix"};
  return kWords;
}

bool IsWord(const std::string& text) {
  return !text.empty() && text.size() <= kMaxWordLength &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

MaybeWritten<std::vector<std::string>> ReadFixes(MappingReader& reader, ProblemSink& problems) {
  const YamlNode* node = reader.Optional("fixes");
  if (node == nullptr) return std::nullopt;
  if (node->kind != YamlNode::Kind::kSequence || node->items.empty() ||
      node->items.size() > kMaxWords) {
    problems.Add(*node,
                 fmt::format("fixes must be a list of 1 to {} words with which the message of a "
                             "commit that fixes something begins",
                             kMaxWords));
    return std::nullopt;
  }
  std::vector<std::string> words;
  for (const YamlNode& item : node->items) {
    const auto word = ReadString(item, "gates.regression_test.fixes", problems);
    if (!word) return std::nullopt;
    words.push_back(ToLower(*word));
    if (!IsWord(words.back())) {
      problems.Add(item,
                   fmt::format("\"{}\" is no word of letters and digits", OneLine(*word, 80)));
      return std::nullopt;
    }
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return Written<std::vector<std::string>>{std::move(words), node->line, node->column};
}

/// A key with two words; true for `word`.
MaybeWritten<bool> ReadChoice(MappingReader& reader,
                              const YamlNode& node,
                              const char* key,
                              const char* word,
                              const char* other) {
  const std::optional<std::string> written = reader.OneOf(key, {word, other});
  if (!written) return std::nullopt;
  return WrittenAt(node.Find(key), std::optional<bool>(*written == word));
}

/// `loose` is the value that asks less.
void MergeChoice(const MaybeWritten<bool>& written,
                 bool loose,
                 bool has_floor,
                 const std::string& what,
                 const std::string& floor_says,
                 bool& merged,
                 MergeProblems& problems) {
  if (!written) return;
  if (has_floor && merged != loose && written->value == loose) {
    problems.AddLoosening(written->line, written->column, "regression_test: " + what, floor_says);
  }
  merged = written->value;
}

/// One of the steps must show it: fewer steps ask more.
void MergeSteps(const RegressionTestSettings& settings,
                RegressionTestGate& merged,
                MergeProblems& problems) {
  if (!settings.steps) return;
  const std::vector<std::string>& written = settings.steps->value;
  if (!merged.steps.empty() &&
      !std::includes(merged.steps.begin(), merged.steps.end(), written.begin(), written.end())) {
    problems.AddLoosening(settings.steps->line,
                          settings.steps->column,
                          fmt::format("regression_test: steps [{}]", Join(written, ", ")),
                          fmt::format("steps: [{}]", Join(merged.steps, ", ")));
  }
  merged.steps = written;
}

void MergeFixes(const RegressionTestSettings& settings,
                bool has_floor,
                RegressionTestGate& merged,
                MergeProblems& problems) {
  if (!settings.fixes) return;
  const std::vector<std::string>& written = settings.fixes->value;
  if (has_floor &&
      !std::includes(written.begin(), written.end(), merged.fixes.begin(), merged.fixes.end())) {
    problems.AddLoosening(settings.fixes->line,
                          settings.fixes->column,
                          fmt::format("regression_test: fixes [{}]", Join(written, ", ")),
                          fmt::format("fixes: [{}]", Join(merged.fixes, ", ")));
  }
  merged.fixes = written;
}

}  // namespace

RegressionTestSettings ReadRegressionTestSettings(const YamlNode& node, ProblemSink& problems) {
  RegressionTestSettings settings;
  MappingReader reader(node, "gates.regression_test", problems);
  settings.mode = ReadMode(reader, node);
  settings.steps = ReadStepNames(reader, "regression_test", problems);
  settings.only_fixes = ReadChoice(reader, node, "when", "fix", "always");
  settings.fixes = ReadFixes(reader, problems);
  settings.since_running = ReadChoice(reader, node, "since", "running", "parent");
  settings.build_failure_counts = ReadChoice(reader, node, "build_failure", "counts", "fails");
  reader.Finish();
  return settings;
}

RegressionTestGate MergeRegressionTest(const RegressionTestGate* floor,
                                       const RegressionTestSettings& settings,
                                       MergeProblems& problems) {
  RegressionTestGate merged;
  const bool has_floor = floor != nullptr;
  if (has_floor) {
    merged = *floor;
    problems.CheckMode("regression_test", floor->mode, settings.mode);
  } else {
    merged.fixes = UsualFixWords();
  }
  merged.mode = settings.mode.mode;
  MergeSteps(settings, merged, problems);
  MergeChoice(settings.only_fixes,
              true,
              has_floor,
              "when fix",
              "when: always",
              merged.only_fixes,
              problems);
  MergeFixes(settings, has_floor, merged, problems);
  MergeChoice(settings.since_running,
              false,
              has_floor,
              "since parent",
              "since: running",
              merged.since_running,
              problems);
  MergeChoice(settings.build_failure_counts,
              true,
              has_floor,
              "build_failure counts",
              "build_failure: fails",
              merged.build_failure_counts,
              problems);
  return merged;
}

}  // namespace failgate
