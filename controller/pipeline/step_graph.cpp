#include "controller/pipeline/step_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "controller/base/text.h"
#include "controller/pipeline/outputs.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxRepeatedSteps = 50;
constexpr std::size_t kMaxRegressionSteps = 20;

/// The value of `key` of a step, or the step itself when it is not there.
const YamlNode& Place(const YamlNode& step, std::string_view key) {
  const YamlNode* node = step.Find(key);
  return node == nullptr ? step : *node;
}

void CheckNames(const Pipeline& pipeline,
                const std::vector<const YamlNode*>& nodes,
                ProblemSink& problems) {
  std::map<std::string, int> lines;
  std::map<std::string, std::string> artifact_steps;
  for (std::size_t i = 0; i < pipeline.steps.size(); ++i) {
    const PipelineStep& step = pipeline.steps[i];
    if (!step.name.empty()) {
      const YamlNode& name = Place(*nodes[i], "name");
      const auto [first, added] = lines.emplace(step.name, name.line);
      if (!added) {
        problems.Add(
            name,
            fmt::format("step \"{}\" is already defined in line {}", step.name, first->second));
      }
    }
    for (const ArtifactSpec& artifact : step.artifacts) {
      if (artifact.name.empty()) {
        continue;
      }
      const auto [first, added] = artifact_steps.emplace(artifact.name, step.name);
      if (!added) {
        problems.Add(
            Place(*nodes[i], "artifacts"),
            fmt::format(
                "artifact \"{}\" is already made by step \"{}\"", artifact.name, first->second));
      }
    }
  }
}

void CheckNeeds(const Pipeline& pipeline,
                const PipelineStep& step,
                const YamlNode& node,
                ProblemSink& problems) {
  std::vector<std::string> names;
  for (const PipelineStep& other : pipeline.steps) {
    if (other.name != step.name) {
      names.push_back(other.name);
    }
  }
  std::set<std::string> seen;
  for (const std::string& need : step.needs) {
    const YamlNode& place = Place(node, "needs");
    if (need == step.name) {
      problems.Add(place, fmt::format("step \"{}\" needs itself", step.name));
    } else if (!seen.insert(need).second) {
      problems.Add(place, fmt::format("\"{}\" is named twice in needs", OneLine(need, 80)));
    } else if (pipeline.FindStep(need) == nullptr) {
      const auto nearest = NearestWord(need, names);
      problems.Add(place,
                   fmt::format("step \"{}\" needs \"{}\", and there is no such step{}",
                               step.name,
                               OneLine(need, 80),
                               nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : ""));
    }
  }
}

/// Steps that stay when those without open needs are taken away again and again.
std::set<std::string> StepsInCircles(const Pipeline& pipeline) {
  std::set<std::string> open;
  for (const PipelineStep& step : pipeline.steps) {
    open.insert(step.name);
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (const PipelineStep& step : pipeline.steps) {
      const bool waits = std::any_of(step.needs.begin(),
                                     step.needs.end(),
                                     [&](const std::string& need) { return open.count(need) > 0; });
      if (!waits && open.erase(step.name) > 0) {
        changed = true;
      }
    }
  }
  return open;
}

void CheckCircles(const Pipeline& pipeline,
                  const std::vector<const YamlNode*>& nodes,
                  ProblemSink& problems) {
  const std::set<std::string> open = StepsInCircles(pipeline);
  for (std::size_t i = 0; i < pipeline.steps.size(); ++i) {
    const PipelineStep& start = pipeline.steps[i];
    if (open.count(start.name) == 0) {
      continue;
    }
    // Every open step has an open need, so this walk must come back to a step of the circle.
    std::vector<std::string> path{start.name};
    const PipelineStep* step = &start;
    while (true) {
      const auto need = std::find_if(step->needs.begin(),
                                     step->needs.end(),
                                     [&](const std::string& name) { return open.count(name) > 0; });
      if (need == step->needs.end()) {
        return;
      }
      const auto seen = std::find(path.begin(), path.end(), *need);
      if (seen != path.end()) {
        path.erase(path.begin(), seen);
        path.push_back(*need);
        problems.Add(Place(*nodes[i], "needs"),
                     fmt::format("needs go in a circle: {}", Join(path, " -> ")));
        return;
      }
      path.push_back(*need);
      step = pipeline.FindStep(*need);
    }
  }
}

void CheckReferences(const Pipeline& pipeline,
                     const PipelineStep& step,
                     std::string_view value,
                     const YamlNode& place,
                     ProblemSink& problems) {
  const auto references = FindOutputReferences(value);
  if (!references || references->empty()) {
    return;
  }
  const std::set<std::string> needs = TransitiveNeeds(pipeline, step);
  for (const OutputReference& reference : *references) {
    if (pipeline.FindStep(reference.step) == nullptr) {
      problems.Add(place,
                   fmt::format("${{{{ steps.{0}.outputs.{1} }}}} names \"{0}\", and there is no "
                               "such step",
                               reference.step,
                               reference.key));
    } else if (needs.count(reference.step) == 0) {
      problems.Add(place,
                   fmt::format("step \"{0}\" reads an output of \"{1}\" and does not need it: add "
                               "\"{1}\" to its needs",
                               step.name,
                               reference.step));
    }
  }
}

void CheckOutputs(const Pipeline& pipeline,
                  const PipelineStep& step,
                  const YamlNode& node,
                  ProblemSink& problems) {
  const YamlNode* env = node.Find("env");
  for (const auto& [name, value] : step.env) {
    const YamlNode* place = env == nullptr ? nullptr : env->Find(name);
    CheckReferences(pipeline, step, value, place == nullptr ? node : *place, problems);
  }
  for (const ArtifactSpec& artifact : step.artifacts) {
    CheckReferences(pipeline, step, artifact.path, Place(node, "artifacts"), problems);
  }
}

bool OneHoldsTheOther(std::string_view a, std::string_view b) {
  const std::string_view shorter = a.size() < b.size() ? a : b;
  const std::string_view longer = a.size() < b.size() ? b : a;
  return longer == shorter ||
         (longer.substr(0, shorter.size()) == shorter && longer[shorter.size()] == '/');
}

/// Artifacts of one step, and of all that one step needs, share a workspace.
void CheckArtifactPaths(const Pipeline& pipeline,
                        const PipelineStep& step,
                        const YamlNode& node,
                        ProblemSink& problems) {
  for (std::size_t i = 0; i < step.artifacts.size(); ++i) {
    for (std::size_t j = i + 1; j < step.artifacts.size(); ++j) {
      if (OneHoldsTheOther(step.artifacts[i].path, step.artifacts[j].path)) {
        problems.Add(Place(node, "artifacts"),
                     fmt::format("artifacts \"{}\" and \"{}\" lie in one another",
                                 step.artifacts[i].name,
                                 step.artifacts[j].name));
      }
    }
  }
  std::vector<const ArtifactSpec*> needed;
  for (const std::string& need : step.needs) {
    const PipelineStep* maker = pipeline.FindStep(need);
    if (maker == nullptr || maker == &step) {
      continue;
    }
    for (const ArtifactSpec& artifact : maker->artifacts) {
      for (const ArtifactSpec* other : needed) {
        if (!HasExpression(artifact.path) && other->name != artifact.name &&
            OneHoldsTheOther(artifact.path, other->path)) {
          problems.Add(Place(node, "needs"),
                       fmt::format("step \"{}\" would get artifacts \"{}\" and \"{}\" at the same "
                                   "path \"{}\"",
                                   step.name,
                                   other->name,
                                   artifact.name,
                                   artifact.path));
        }
      }
    }
    for (const ArtifactSpec& artifact : maker->artifacts) {
      needed.push_back(&artifact);
    }
  }
}

/// What it needs was built of the new code: on the code before it would hide what is tried.
void CheckRegression(const Pipeline& pipeline,
                     const PipelineStep& step,
                     const YamlNode& node,
                     ProblemSink& problems) {
  if (step.regression_tests.empty()) {
    return;
  }
  for (const std::string& need : TransitiveNeeds(pipeline, step)) {
    if (pipeline.FindStep(need)->artifacts.empty()) {
      continue;
    }
    problems.Add(Place(node, "regression"),
                 fmt::format("step \"{}\" gets artifacts of \"{}\", which were made of the new "
                             "code: let it build what it tests by itself, or remove regression",
                             step.name,
                             need));
    return;
  }
}

/// What they prove is written into every decision about a release.
void CheckProofs(const Pipeline& pipeline,
                 const std::vector<const YamlNode*>& nodes,
                 ProblemSink& problems) {
  std::size_t repeats = 0;
  std::size_t regressions = 0;
  for (std::size_t i = 0; i < pipeline.steps.size(); ++i) {
    const PipelineStep& step = pipeline.steps[i];
    if (step.repeat && ++repeats == kMaxRepeatedSteps + 1) {
      problems.Add(Place(*nodes[i], "repeat"),
                   fmt::format("more than {} steps say repeat", kMaxRepeatedSteps));
    }
    if (!step.regression_tests.empty() && ++regressions == kMaxRegressionSteps + 1) {
      problems.Add(Place(*nodes[i], "regression"),
                   fmt::format("more than {} steps say regression", kMaxRegressionSteps));
    }
  }
}

}  // namespace

std::set<std::string> TransitiveNeeds(const Pipeline& pipeline, const PipelineStep& step) {
  std::set<std::string> needs;
  std::vector<const PipelineStep*> open{&step};
  while (!open.empty()) {
    const PipelineStep* current = open.back();
    open.pop_back();
    for (const std::string& need : current->needs) {
      const PipelineStep* needed = pipeline.FindStep(need);
      if (needed != nullptr && needs.insert(need).second) {
        open.push_back(needed);
      }
    }
  }
  return needs;
}

void CheckStepGraph(const Pipeline& pipeline,
                    const std::vector<const YamlNode*>& nodes,
                    ProblemSink& problems) {
  CheckNames(pipeline, nodes, problems);
  for (std::size_t i = 0; i < pipeline.steps.size(); ++i) {
    const PipelineStep& step = pipeline.steps[i];
    CheckNeeds(pipeline, step, *nodes[i], problems);
    CheckOutputs(pipeline, step, *nodes[i], problems);
    CheckArtifactPaths(pipeline, step, *nodes[i], problems);
    CheckRegression(pipeline, step, *nodes[i], problems);
  }
  CheckCircles(pipeline, nodes, problems);
  CheckProofs(pipeline, nodes, problems);
}

}  // namespace failgate
