#include "controller/pipeline/step_proof_reader.h"

#include <array>
#include <utility>

#include "controller/pipeline/step_reader.h"

namespace failgate {
namespace {

constexpr std::array<std::pair<Shuffle, const char*>, 4> kTools{
    {{Shuffle::kPytestRandomly, "pytest-randomly"},
     {Shuffle::kPytestRandomOrder, "pytest-random-order"},
     {Shuffle::kGoogleTest, "gtest"},
     {Shuffle::kGo, "go"}}};

std::optional<RepeatSpec> ReadTool(const YamlNode& node, ProblemSink& problems) {
  MappingReader reader(node, "repeat", problems);
  std::vector<std::string> words;
  for (const auto& tool : kTools) words.emplace_back(tool.second);
  RepeatSpec spec;
  if (reader.Required("shuffle") != nullptr) {
    const auto word = reader.OneOf("shuffle", words);
    spec.shuffle = word ? ParseShuffleTool(*word).value_or(Shuffle::kNone) : Shuffle::kNone;
  }
  reader.Finish();
  return spec;
}

std::optional<RepeatSpec> ReadValue(const YamlNode& node, ProblemSink& problems) {
  if (node.kind == YamlNode::Kind::kMapping) {
    return ReadTool(node, problems);
  }
  if (node.kind == YamlNode::Kind::kScalar) {
    if (node.scalar == "true") return RepeatSpec();
    if (node.scalar == "false") return std::nullopt;
    if (node.scalar == "shuffled") return RepeatSpec{Shuffle::kByItself};
  }
  problems.Add(node,
               "repeat must be true, false, shuffled (the command reads FAILGATE_SHUFFLE_SEED) or "
               "{shuffle: TOOL}");
  return std::nullopt;
}

}  // namespace

std::optional<Shuffle> ParseShuffleTool(std::string_view text) {
  for (const auto& [tool, word] : kTools) {
    if (text == word) return tool;
  }
  return std::nullopt;
}

std::optional<RepeatSpec> ReadRepeatSpec(MappingReader& step,
                                         const ReportPaths& reports,
                                         ProblemSink& problems) {
  const YamlNode* node = step.Optional("repeat");
  if (node == nullptr) {
    return std::nullopt;
  }
  const std::optional<RepeatSpec> spec = ReadValue(*node, problems);
  if (spec && reports.tests.empty() && reports.metrics.empty()) {
    problems.Add(*node,
                 "repeat compares test cases and metrics: name a report of tests or metrics in "
                 "reports");
  }
  return spec;
}

std::vector<std::string> ReadRegressionTests(MappingReader& step,
                                             const ReportPaths& reports,
                                             ProblemSink& problems) {
  const YamlNode* node = step.Optional("regression");
  if (node == nullptr) {
    return {};
  }
  MappingReader reader(*node, "regression", problems);
  const YamlNode* tests = reader.Required("tests");
  std::vector<std::string> globs = ReadGlobs(reader, "tests", problems);
  if (tests != nullptr && globs.empty()) {
    problems.Add(*tests, "tests is empty: name the files of the tests");
  }
  reader.Finish();
  if (reports.tests.empty()) {
    problems.Add(*node, "regression compares test cases: name a report of tests in reports");
  }
  return globs;
}

}  // namespace failgate
