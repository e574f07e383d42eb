#include "controller/promotion/project_deployment.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "controller/base/yaml_reader.h"
#include "controller/promotion/directory_settings.h"
#include "controller/promotion/mlflow_settings.h"
#include "policies/override.h"
#include "policies/policy_parser.h"

namespace failgate {
namespace {

const std::vector<std::string>& TargetsNotBuiltYet() {
  static const std::vector<std::string> kTargets = {"docker",
                                                    "compose",
                                                    "kubernetes",
                                                    "terraform",
                                                    "ansible",
                                                    "ecs",
                                                    "airflow",
                                                    "jupyterhub",
                                                    "process",
                                                    "plugin"};
  return kTargets;
}

/// `${{ }}` anywhere under `deploy`: said at each place, so that nobody deploys a literal "${{".
void RefuseExpressions(const YamlNode& node, ProblemSink& problems) {
  if (node.kind == YamlNode::Kind::kScalar && node.scalar.find("${{") != std::string::npos) {
    problems.Add(
        node,
        "${{ }} in target settings is not available in this version of failgate: write the "
        "value out");
  }
  for (const YamlNode& item : node.items) RefuseExpressions(item, problems);
  for (const YamlNode::Entry& entry : node.entries) RefuseExpressions(entry.value, problems);
}

void ReadHealthOfStep(MappingReader& reader,
                      const YamlNode& target,
                      ProblemSink& problems,
                      DeployStep& step) {
  const YamlNode* inside = target.Find("health");
  const YamlNode* beside = reader.node().Find("health");
  reader.Allow("health");
  if (inside != nullptr && beside != nullptr) {
    problems.Add(*beside, "health is written twice: keep the one of the target");
    return;
  }
  const YamlNode* node = inside != nullptr ? inside : beside;
  if (node != nullptr) step.health = ReadHealthCheck(*node, problems);
}

std::optional<DeployStep> ReadStep(const YamlNode& node, std::size_t index, ProblemSink& problems) {
  const std::string name = fmt::format("deploy[{}]", index);
  MappingReader reader(node, name, problems);
  if (node.kind != YamlNode::Kind::kMapping && node.kind != YamlNode::Kind::kNull) {
    return std::nullopt;
  }
  DeployStep step;
  reader.Required("name");
  step.name = reader.Name("name").value_or("");
  bool other_target = false;
  for (const std::string& target : TargetsNotBuiltYet()) {
    other_target = other_target || node.Find(target) != nullptr;
    reader.NotBuiltYet(target, "this version deploys to: directory, mlflow");
  }
  reader.NotBuiltYet("skip_if", "every step runs");
  const YamlNode* directory = reader.Optional("directory");
  const YamlNode* mlflow = reader.Optional("mlflow");
  if (directory != nullptr && mlflow != nullptr) {
    problems.Add(*mlflow, name + " has two targets: write a step for each");
  } else if (directory != nullptr) {
    step.directory = ReadDirectoryTarget(*directory, name + ".directory", problems);
    ReadHealthOfStep(reader, *directory, problems, step);
  } else if (mlflow != nullptr) {
    step.mlflow = ReadMlflowTarget(*mlflow, name + ".mlflow", problems);
    ReadHealthOfStep(reader, *mlflow, problems, step);
    if (step.health && step.health->kind == HealthCheck::Kind::kCommand) {
      problems.Add(*mlflow,
                   name +
                       ".mlflow: a model has no folder that a health command could look at: "
                       "write http or tcp of what serves it");
    }
  } else {
    reader.Allow("health");
    if (!other_target) problems.Add(node, name + " needs a target: directory, mlflow");
  }
  reader.Finish();
  return step;
}

void CheckStepsTogether(const YamlNode& node,
                        const std::vector<DeployStep>& steps,
                        ProblemSink& problems) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!steps[i].name.empty() && steps[i].name == steps[j].name) {
        problems.Add(
            node.items[i],
            fmt::format("deploy[{}]: the name {} is taken by deploy[{}]", i, steps[i].name, j));
      }
      if (steps[i].mlflow && steps[j].mlflow && steps[i].mlflow->model == steps[j].mlflow->model &&
          steps[i].mlflow->alias == steps[j].mlflow->alias) {
        problems.Add(node.items[i],
                     fmt::format("deploy[{}]: the alias {} of model {} is moved by deploy[{}]",
                                 i,
                                 OneLine(steps[i].mlflow->alias, 80),
                                 OneLine(steps[i].mlflow->model, 80),
                                 j));
      }
      if (PathsOverlap(steps[i].directory.path, steps[j].directory.path)) {
        problems.Add(node.items[i],
                     fmt::format("deploy[{}]: {} is (or lies in) the directory of deploy[{}]",
                                 i,
                                 OneLine(steps[i].directory.path, 200),
                                 j));
      }
    }
  }
}

void ReadDeploy(MappingReader& reader, ProblemSink& problems, ProjectDeployment& deployment) {
  const YamlNode* node = reader.Required("deploy");
  if (node == nullptr) return;
  if (node->kind != YamlNode::Kind::kSequence || node->items.empty()) {
    problems.Add(*node, "deploy must be a list of at least one step");
    return;
  }
  RefuseExpressions(*node, problems);
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    std::optional<DeployStep> step = ReadStep(node->items[i], i, problems);
    if (!step) return;
    deployment.deploy.push_back(std::move(*step));
  }
  CheckStepsTogether(*node, deployment.deploy, problems);
}

void ReadDrift(const YamlNode& node, ProblemSink& problems, DriftSettings& drift) {
  MappingReader reader(node, "drift", problems);
  drift.every = reader.Duration("every").value_or(drift.every);
  drift.heal = reader.Bool("heal").value_or(drift.heal);
  drift.full = reader.Duration("full").value_or(drift.full);
  if (drift.full < drift.every) {
    problems.Add(node, "drift: full must not be shorter than every");
  }
  if (const YamlNode* ignore = reader.Optional("ignore"); ignore != nullptr) {
    if (ignore->kind != YamlNode::Kind::kSequence) {
      problems.Add(*ignore, "drift.ignore: must be a list");
    } else if (!ignore->items.empty()) {
      problems.Add(*ignore,
                   "drift.ignore is not available in this version of failgate: leave it empty (all "
                   "drift counts)");
    }
  }
  if (reader.Bool("prune").value_or(false)) {
    problems.Add(*node.Find("prune"),
                 "drift.prune: true is not available in this version of failgate: write prune: "
                 "false");
  }
  reader.Finish();
}

}  // namespace

ProjectDeployment ReadProjectDeployment(const EnvironmentName& environment,
                                        const ProjectName& project,
                                        const PolicyFile& file) {
  ProjectDeployment deployment;
  deployment.environment = environment;
  deployment.project = project;
  deployment.path = file.path;
  deployment.blob = file.blob;
  const Parsed<YamlNode> root = ParseYaml(file.text, file.path);
  if (!root) {
    deployment.problems = root.error();
    return deployment;
  }
  ProblemSink problems(file.path);
  MappingReader reader(*root, "", problems);
  if (const YamlNode* gates = reader.Optional("gates"); gates != nullptr) {
    deployment.gates = std::make_shared<const GateSettings>(ReadGates(gates, problems));
  }
  if (const YamlNode* people = reader.Optional("override"); people != nullptr) {
    GateSettings settings = deployment.gates ? *deployment.gates : GateSettings{};
    settings.file = file.path;
    settings.override_from = ReadOverridePeople(people, problems);
    deployment.gates = std::make_shared<const GateSettings>(std::move(settings));
  }
  deployment.checks = ReadOperationsChecks(reader.Optional("checks"), problems);
  if (!deployment.checks.empty()) {
    GateSettings settings = deployment.gates ? *deployment.gates : GateSettings{};
    settings.file = file.path;
    settings.checks = deployment.checks;
    deployment.gates = std::make_shared<const GateSettings>(std::move(settings));
  }
  ReadDeploy(reader, problems, deployment);
  if (const YamlNode* drift = reader.Optional("drift"); drift != nullptr) {
    ReadDrift(*drift, problems, deployment.drift);
  }
  const std::optional<std::string> on_failure = reader.OneOf("on_failure", {"rollback", "stay"});
  if (on_failure && *on_failure == "stay") deployment.on_failure = OnFailure::kStay;
  reader.Finish();
  deployment.problems = problems.Take();
  return deployment;
}

std::string SpecDigest(const ProjectDeployment& deployment) {
  // Lengths before texts: no two specifications share their bytes.
  std::string canonical = "failgate deploy 1\n";
  const auto add = [&canonical](const std::string& key, const std::string& value) {
    canonical += fmt::format("{} {} {}\n", key, value.size(), value);
  };
  for (const DeployStep& step : deployment.deploy) {
    add("step", step.name);
    if (step.mlflow) {
      add("mlflow", step.mlflow->model);
      add("alias", step.mlflow->alias);
      add("artifact", step.mlflow->artifact);
    } else {
      add("directory", step.directory.path);
      for (const std::string& artifact : step.directory.artifacts) add("artifact", artifact);
    }
    if (step.health) {
      add(HealthWord(step.health->kind), step.health->value);
      add("timeout", std::to_string(step.health->timeout.count()));
    }
  }
  return "sha256:" + Sha256Hex(canonical);
}

}  // namespace failgate
