#include "controller/pipeline/pipeline_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "controller/base/yaml_reader.h"
#include "controller/pipeline/step_graph.h"
#include "controller/pipeline/step_reader.h"
#include "controller/pipeline/trigger_reader.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxSteps = 500;

/// The value of a trigger that is there, `check:` without a value included: it then has its
/// defaults.
const YamlNode* FindTrigger(MappingReader& triggers, const std::string& key) {
  triggers.Allow(key);
  return triggers.node().Find(key);
}

std::vector<std::string> ReadBranches(MappingReader& reader,
                                      std::vector<std::string> absent,
                                      ProblemSink& problems) {
  const YamlNode* node = reader.Optional("branches");
  std::vector<std::string> branches = ReadGlobs(reader, "branches", problems);
  if (node == nullptr) {
    return absent;
  }
  if (node->kind == YamlNode::Kind::kSequence && node->items.empty()) {
    problems.Add(*node, "branches is empty: name at least one branch or pattern");
  }
  for (const std::string& branch : branches) {
    if (branch.rfind("refs/", 0) == 0) {
      problems.Add(*node, fmt::format("branches: write the branch alone, not \"{}\"", branch));
    }
  }
  return branches;
}

CodeTrigger ReadCodeTrigger(const YamlNode& node, ProblemSink& problems) {
  CodeTrigger code;
  MappingReader reader(node, "triggers.code", problems);
  code.branches = ReadBranches(reader, code.branches, problems);
  const YamlNode* paths_node = reader.Optional("paths");
  std::vector<std::string> paths = ReadGlobs(reader, "paths", problems);
  if (paths_node != nullptr) {
    if (paths.empty()) {
      problems.Add(*paths_node, "paths is empty: no push would ever be looked at");
    }
    code.paths = std::move(paths);
  }
  code.ignore = ReadGlobs(reader, "ignore", problems);
  reader.Finish();
  return code;
}

/// Sources of kind data, each with its place; two places are never in one another.
std::vector<DataPlace> ReadDataPlaces(const YamlNode& node, ProblemSink& problems) {
  std::vector<DataPlace> places;
  if (node.kind != YamlNode::Kind::kSequence || node.items.empty()) {
    problems.Add(node, "triggers.data.sources must be a list of {name: NAME, at: PATH}");
    return places;
  }
  for (const YamlNode& item : node.items) {
    MappingReader reader(item, "triggers.data.sources", problems);
    static_cast<void>(reader.Required("name"));
    DataPlace place;
    place.source = SourceName(reader.Name("name").value_or(""));
    place.at = reader.String("at").value_or("data/" + place.source.text());
    reader.Finish();
    if (!IsSafeRelativePath(place.at)) {
      problems.Add(
          item, fmt::format("at: \"{}\" is no path inside the workspace", OneLine(place.at, 100)));
    }
    for (const DataPlace& other : places) {
      const auto inside = [](const std::string& outer, const std::string& path) {
        return path == outer || path.rfind(outer + "/", 0) == 0;
      };
      if (other.source == place.source || inside(other.at, place.at) ||
          inside(place.at, other.at)) {
        problems.Add(item,
                     fmt::format("{} at \"{}\" is there twice, or one place lies in another",
                                 place.source.text(),
                                 OneLine(place.at, 100)));
      }
    }
    places.push_back(std::move(place));
  }
  return places;
}

DataTrigger ReadDataTrigger(const YamlNode& node, ProblemSink& problems) {
  DataTrigger data;
  MappingReader reader(node, "triggers.data", problems);
  const YamlNode* watch = reader.Optional("watch");
  const YamlNode* sources_node = reader.Optional("sources");
  const YamlNode* paths_node = watch == nullptr && sources_node == nullptr
                                   ? reader.Required("paths")
                                   : reader.Optional("paths");
  data.paths = ReadGlobs(reader, "paths", problems);
  if (paths_node != nullptr && data.paths.empty()) {
    problems.Add(*paths_node, "paths is empty: remove triggers.data or name the data");
  }
  if (watch != nullptr) {
    data.watch = ReadWatchUses(*watch, problems);
  }
  if (sources_node != nullptr) {
    data.sources = ReadDataPlaces(*sources_node, problems);
  }
  reader.Finish();
  return data;
}

CheckTrigger ReadCheckTrigger(const YamlNode& node, ProblemSink& problems) {
  CheckTrigger check;
  MappingReader reader(node, "triggers.check", problems);
  check.branches = ReadBranches(reader, check.branches, problems);
  if (const auto until =
          reader.OneOf("until", {"unit", "build", "integration", "train", "functional"})) {
    check.until = ParseStepLevel(*until).value_or(StepLevel::kIntegration);
  }
  reader.Finish();
  return check;
}

Triggers ReadTriggers(const YamlNode& node, ProblemSink& problems) {
  Triggers triggers;
  MappingReader reader(node, "triggers", problems);
  if (const YamlNode* code = FindTrigger(reader, "code")) {
    triggers.code = ReadCodeTrigger(*code, problems);
  }
  if (const YamlNode* data = FindTrigger(reader, "data")) {
    triggers.data = ReadDataTrigger(*data, problems);
  }
  if (const YamlNode* check = FindTrigger(reader, "check")) {
    triggers.check = ReadCheckTrigger(*check, problems);
  }
  if (const YamlNode* schedule = reader.Optional("schedule")) {
    triggers.schedule = ReadSchedules(*schedule, problems);
  }
  reader.Finish();
  return triggers;
}

void ReadSteps(const YamlNode& node, Pipeline& pipeline, ProblemSink& problems) {
  if (node.kind != YamlNode::Kind::kSequence || node.items.empty()) {
    problems.Add(node, "steps must be a list with at least one step");
    return;
  }
  if (node.items.size() > kMaxSteps) {
    problems.Add(node, fmt::format("steps has more than {} steps", kMaxSteps));
    return;
  }
  std::vector<const YamlNode*> nodes;
  for (const YamlNode& item : node.items) {
    pipeline.steps.push_back(ReadStep(item, problems));
    nodes.push_back(&item);
  }
  CheckStepGraph(pipeline, nodes, problems);
}

}  // namespace

const PipelineStep* Pipeline::FindStep(std::string_view name) const {
  for (const PipelineStep& step : steps) {
    if (step.name == name) {
      return &step;
    }
  }
  return nullptr;
}

Parsed<Pipeline> ParsePipeline(std::string_view text, const std::string& file) {
  const Parsed<YamlNode> document = ParseYaml(text, file);
  if (!document) {
    return document.error();
  }
  ProblemSink problems(file);
  Pipeline pipeline;
  MappingReader reader(*document, "", problems);
  if (reader.Required("project") != nullptr) {
    pipeline.project = ProjectName(reader.Name("project").value_or(""));
  }
  if (const YamlNode* triggers = reader.Optional("triggers")) {
    pipeline.triggers = ReadTriggers(*triggers, problems);
  }
  if (const YamlNode* steps = reader.Required("steps")) {
    ReadSteps(*steps, pipeline, problems);
  }
  reader.Finish();
  if (!problems.empty()) {
    return problems.Take();
  }
  return pipeline;
}

}  // namespace failgate
