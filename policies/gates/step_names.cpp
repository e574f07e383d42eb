#include "policies/gates/step_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxSteps = 200;

}  // namespace

MaybeWritten<std::vector<std::string>> ReadStepNames(MappingReader& reader,
                                                     const std::string& gate,
                                                     ProblemSink& problems) {
  const YamlNode* node = reader.Optional("steps");
  if (node == nullptr) return std::nullopt;
  if (node->kind != YamlNode::Kind::kSequence || node->items.empty() ||
      node->items.size() > kMaxSteps) {
    problems.Add(
        *node,
        fmt::format(
            "{}: steps must be a list of 1 to {} names of steps of the pipeline", gate, kMaxSteps));
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (const YamlNode& item : node->items) {
    const std::optional<std::string> name = ReadString(item, "gates." + gate + ".steps", problems);
    if (!name) return std::nullopt;
    if (!IsValidName(*name)) {
      problems.Add(item, fmt::format("\"{}\" is no name of a step", OneLine(*name, 80)));
      return std::nullopt;
    }
    names.push_back(*name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return Written<std::vector<std::string>>{std::move(names), node->line, node->column};
}

const StepEvidence* OnlyStep(const Evidence& evidence, const std::string& name) {
  const StepEvidence* found = nullptr;
  for (const StepEvidence& step : evidence.steps) {
    if (step.name != name) continue;
    if (found != nullptr) return nullptr;
    found = &step;
  }
  return found;
}

}  // namespace failgate
