#include "controller/promotion/operations_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/yaml_document.h"
#include "controller/promotion/operations_paths.h"
#include "controller/promotion/path_uses.h"
#include "policies/policy_parser.h"

namespace failgate {
namespace {

std::string FloorPath(const EnvironmentName& environment) {
  return fmt::format("environments/{}/environment.yaml", environment.text());
}

/// A file of another name whose content is unmistakably one of ours.
bool LooksLikeOurs(const OperationsFile& file) {
  const std::vector<std::string> parts = Split(file.path, '/');
  const bool candidate =
      parts.size() == 3 && parts[0] == "environments" && GlobMatches("*.yml", ToLower(parts[2]));
  const bool odd_case = parts.size() == 3 && parts[0] == "environments" &&
                        GlobMatches("*.yaml", ToLower(parts[2])) &&
                        !GlobMatches("*.yaml", parts[2]);
  if (!candidate && !odd_case) return false;
  const Parsed<YamlNode> root = ParseYaml(file.text, file.path);
  if (!root) return false;
  for (const char* key : {"gates", "deploy", "drift", "on_failure", "checks", "policy", "after"}) {
    if (root->Find(key) != nullptr) return true;
  }
  return false;
}

/// nullptr when it is not there, has another blob or any fault: faults of others may be among them.
const ProjectDeployment* KnownDeployment(const OperationsView& before,
                                         const EnvironmentProject& pair,
                                         const ObjectId& blob) {
  const auto found = before.deployments.find(pair);
  const bool same = found != before.deployments.end() && found->second.blob == blob &&
                    found->second.problems.empty();
  return same ? &found->second : nullptr;
}

const Desired* KnownDesired(const OperationsView& before,
                            const EnvironmentProject& pair,
                            const ObjectId& blob) {
  const auto found = before.desired.find(pair);
  const bool same =
      found != before.desired.end() && found->second.blob == blob && found->second.problems.empty();
  return same ? &found->second : nullptr;
}

const ApprovalFile* KnownApproval(const OperationsView& before,
                                  const std::string& path,
                                  const ObjectId& blob) {
  const auto found = before.approvals.find(path);
  const bool same = found != before.approvals.end() && found->second.blob == blob &&
                    found->second.problems.empty();
  return same ? &found->second : nullptr;
}

Parsed<Policy> Merge(const Environment& environment, const ProjectDeployment& deployment) {
  return Tighten(environment.floor, deployment.gates ? *deployment.gates : GateSettings());
}

class Reader {
 public:
  explicit Reader(const OperationsView* before) : before_(before) {}

  OperationsView Read(const std::vector<OperationsFile>& files) {
    for (const OperationsFile& file : files) ReadFile(file);
    JoinSignatures();
    AddMissingEnvironments();
    BuildLadderOfView();
    CheckFloors();
    CheckDesired();
    CheckSharedPaths();
    CheckSharedAliases();
    Collect();
    return std::move(view_);
  }

 private:
  void ReadFile(const OperationsFile& file) {
    OperationsPath path = ClassifyPath(file.path);
    switch (path.kind) {
      case OperationsPathKind::kEnvironment:
        ReadEnvironment(path.environment, file);
        return;
      case OperationsPathKind::kProject:
        ReadProject({path.environment, path.project}, file);
        return;
      case OperationsPathKind::kDesired:
        ReadDesiredFile({path.environment, path.project}, file);
        return;
      case OperationsPathKind::kPeople:
        view_.people = ReadPeople(file.text, file.blob);
        return;
      case OperationsPathKind::kApproval:
        ReadApproval(path, file);
        return;
      case OperationsPathKind::kSignature:
        signatures_.emplace(file.path.substr(0, file.path.size() - kSignatureEnding.size()),
                            file.blob);
        return;
      case OperationsPathKind::kMisplaced:
        view_.problems.push_back(Problem{file.path, 0, 0, path.text});
        return;
      case OperationsPathKind::kOther:
        if (LooksLikeOurs(file)) {
          view_.problems.push_back(
              Problem{file.path, 0, 0, "is not read: files of failgate end in .yaml"});
        }
        return;
    }
  }

  void ReadProject(const EnvironmentProject& pair, const OperationsFile& file) {
    const ProjectDeployment* known =
        before_ != nullptr ? KnownDeployment(*before_, pair, file.blob) : nullptr;
    view_.deployments.emplace(
        pair, known != nullptr ? *known : ReadProjectDeployment(pair.first, pair.second, file));
  }

  void ReadDesiredFile(const EnvironmentProject& pair, const OperationsFile& file) {
    const Desired* known = before_ != nullptr ? KnownDesired(*before_, pair, file.blob) : nullptr;
    Desired desired = known != nullptr ? *known : ReadDesired(pair.first, pair.second, file.text);
    desired.blob = file.blob;
    view_.desired.emplace(pair, std::move(desired));
  }

  void ReadApproval(const OperationsPath& path, const OperationsFile& file) {
    const ApprovalFile* known =
        before_ != nullptr ? KnownApproval(*before_, file.path, file.blob) : nullptr;
    ApprovalFile approval =
        known != nullptr ? *known
                         : ReadApprovalFile(path.environment, path.release, path.email, file.text);
    approval.blob = file.blob;
    view_.approvals.emplace(file.path, std::move(approval));
  }

  void JoinSignatures() {
    for (auto& [path, approval] : view_.approvals) {
      const auto found = signatures_.find(path);
      approval.signature = found == signatures_.end() ? ObjectId() : found->second;
      if (approval.signature.empty()) {
        approval.problems.push_back(
            Problem{path,
                    0,
                    0,
                    fmt::format("there is no {0}{1}: ssh-keygen -Y sign -f KEY -n {2} {0} makes it",
                                path,
                                kSignatureEnding,
                                kApprovalNamespace)});
      }
    }
    for (const auto& [path, blob] : signatures_) {
      if (view_.approvals.count(path) == 0) {
        view_.problems.push_back(Problem{path + std::string(kSignatureEnding),
                                         0,
                                         0,
                                         "is the signature of a file that is not there"});
      }
    }
  }

  void ReadEnvironment(const EnvironmentName& name, const OperationsFile& file) {
    Environment environment;
    environment.name = name;
    environment.file = file;
    Parsed<Policy> floor = ParseEnvironmentPolicy(file.text, file.path);
    if (floor) {
      environment.floor = *floor;
    } else {
      environment.problems = floor.error();
    }
    view_.environments.emplace(name, std::move(environment));
  }

  void AddMissingEnvironment(const EnvironmentName& name) {
    if (view_.environments.count(name) > 0) return;
    Environment environment;
    environment.name = name;
    environment.problems.push_back(Problem{
        FloorPath(name), 0, 0, "there is no such file: an environment needs one, with its gates"});
    view_.environments.emplace(name, std::move(environment));
  }

  void AddMissingEnvironments() {
    for (const auto& [pair, deployment] : view_.deployments) AddMissingEnvironment(pair.first);
    for (const auto& [pair, desired] : view_.desired) {
      // What was taken away may outlive its environment.
      if (!desired.none) AddMissingEnvironment(pair.first);
    }
  }

  void BuildLadderOfView() {
    std::vector<Rung> rungs;
    for (const auto& [name, environment] : view_.environments) {
      // A folder without its file is no rung: `after` must not lean on it.
      if (environment.file.path.empty()) continue;
      Rung rung{name, environment.floor.after, environment.file.path};
      const auto yaml = ParseYaml(environment.file.text, environment.file.path);
      if (const YamlNode* after = yaml ? yaml->Find("after") : nullptr) {
        rung.line = after->line;
        rung.column = after->column;
      }
      rungs.push_back(std::move(rung));
    }
    view_.ladder = BuildLadder(rungs);
    for (const auto& [name, problems] : view_.ladder.problems) {
      Environment& environment = view_.environments.at(name);
      environment.problems.insert(environment.problems.end(), problems.begin(), problems.end());
    }
    for (auto& [name, environment] : view_.environments) {
      if (!environment.problems.empty()) environment.floor.gates_written = false;
    }
  }

  void CheckFloors() {
    for (auto& [pair, deployment] : view_.deployments) {
      const Environment& environment = view_.environments.at(pair.first);
      if (!environment.problems.empty() || !deployment.problems.empty()) continue;
      const Parsed<Policy> merged = Merge(environment, deployment);
      if (!merged) deployment.problems = merged.error();
    }
  }

  void CheckDesired() {
    for (auto& [pair, desired] : view_.desired) {
      const auto environment = view_.environments.find(pair.first);
      if (desired.newest && environment != view_.environments.end() &&
          environment->second.problems.empty() &&
          environment->second.floor.last_step == Policy::kDelivery) {
        desired.problems.push_back(
            Problem{DesiredPath(pair.first, pair.second),
                    0,
                    0,
                    fmt::format("release: newest needs policy deployment; {} has policy delivery, "
                                "where a person names the release",
                                pair.first.text())});
      }
      // What was taken away needs no file that says how it is deployed.
      if (view_.deployments.count(pair) == 0 && !desired.none) {
        desired.problems.push_back(Problem{
            DesiredPath(pair.first, pair.second),
            0,
            0,
            fmt::format("there is no environments/{}/{}.yaml: failgate does not know how to "
                        "deploy {} there",
                        pair.first.text(),
                        pair.second.text(),
                        pair.second.text())});
      }
    }
  }

  /// One link cannot belong to two: neither may touch it until people have decided.
  void CheckSharedPaths() {
    PathUses uses;
    for (auto& [pair, deployment] : view_.deployments) {
      for (const DeployStep& step : deployment.deploy) {
        if (!step.directory.path.empty()) uses.Add(step.directory.path, &deployment);
      }
    }
    for (const PathUses::Clash& clash : uses.Clashes()) {
      ProjectDeployment& mine = *clash.use->deployment;
      mine.problems.push_back(Problem{mine.path,
                                      0,
                                      0,
                                      fmt::format("the directory {} is used by {} too ({})",
                                                  clash.use->path,
                                                  clash.other->deployment->path,
                                                  clash.other->path)});
    }
  }

  /// As with links: one alias cannot say two things.
  void CheckSharedAliases() {
    std::map<std::pair<std::string, std::string>, std::vector<ProjectDeployment*>> uses;
    for (auto& [pair, deployment] : view_.deployments) {
      for (const DeployStep& step : deployment.deploy) {
        if (!step.mlflow || step.mlflow->model.empty()) continue;
        uses[{step.mlflow->model, step.mlflow->alias}].push_back(&deployment);
      }
    }
    for (const auto& [alias, users] : uses) {
      for (ProjectDeployment* mine : users) {
        const ProjectDeployment* other = users.front() == mine ? users.back() : users.front();
        if (other == mine) continue;
        mine->problems.push_back(Problem{mine->path,
                                         0,
                                         0,
                                         fmt::format("the alias {} of model {} is moved by {} too: "
                                                     "give each environment its own",
                                                     alias.second,
                                                     alias.first,
                                                     other->path)});
      }
    }
  }

  void Collect() {
    const auto add = [this](const Problems& problems) {
      view_.problems.insert(view_.problems.end(), problems.begin(), problems.end());
    };
    for (const auto& [name, environment] : view_.environments) add(environment.problems);
    for (const auto& [pair, deployment] : view_.deployments) add(deployment.problems);
    for (const auto& [pair, desired] : view_.desired) add(desired.problems);
    add(view_.people.problems);
    for (const auto& [path, approval] : view_.approvals) add(approval.problems);
    const auto by_place = [](const Problem& a, const Problem& b) {
      return std::tie(a.file, a.line, a.column, a.text) <
             std::tie(b.file, b.line, b.column, b.text);
    };
    std::sort(view_.problems.begin(), view_.problems.end(), by_place);
  }

  const OperationsView* before_;
  OperationsView view_;
  std::map<std::string, ObjectId> signatures_;  ///< by the path of what they sign
};

}  // namespace

OperationsView ReadOperations(const std::vector<OperationsFile>& files,
                              const OperationsView* before) {
  return Reader(before).Read(files);
}

bool IsKnown(const OperationsView& before, const OperationsFile& file) {
  const OperationsPath path = ClassifyPath(file.path);
  const EnvironmentProject pair{path.environment, path.project};
  switch (path.kind) {
    case OperationsPathKind::kProject:
      return KnownDeployment(before, pair, file.blob) != nullptr;
    case OperationsPathKind::kDesired:
      return KnownDesired(before, pair, file.blob) != nullptr;
    case OperationsPathKind::kApproval:
      return KnownApproval(before, file.path, file.blob) != nullptr;
    case OperationsPathKind::kSignature:
    case OperationsPathKind::kEnvironment:
    case OperationsPathKind::kPeople:
    case OperationsPathKind::kMisplaced:
    case OperationsPathKind::kOther:
      return false;
  }
  return false;
}

Problems ProblemsOf(const OperationsView& view, const EnvironmentProject& pair) {
  Problems problems;
  const auto add = [&problems](const Problems& more) {
    problems.insert(problems.end(), more.begin(), more.end());
  };
  const auto environment = view.environments.find(pair.first);
  if (environment == view.environments.end()) {
    problems.push_back(Problem{FloorPath(pair.first), 0, 0, "there is no such environment"});
  } else {
    add(environment->second.problems);
  }
  const auto deployment = view.deployments.find(pair);
  if (deployment == view.deployments.end()) {
    problems.push_back(Problem{
        fmt::format("environments/{}/{}.yaml", pair.first.text(), pair.second.text()),
        0,
        0,
        fmt::format("there is no such file: {} is not deployed there", pair.second.text())});
  } else {
    add(deployment->second.problems);
  }
  const auto desired = view.desired.find(pair);
  if (desired != view.desired.end()) add(desired->second.problems);
  return problems;
}

Policy PolicyFor(const OperationsView& view, const EnvironmentProject& pair) {
  const Environment& environment = view.environments.at(pair.first);
  const ProjectDeployment& deployment = view.deployments.at(pair);
  if (!environment.problems.empty() || !deployment.problems.empty()) return {};
  Parsed<Policy> merged = Merge(environment, deployment);
  return merged ? *merged : Policy{};
}

bool IsOperationsPath(const std::string& path) {
  const std::string folder = Split(path, '/').front();
  return folder == "environments" || folder == "desired" || path == kPeopleFile ||
         ClassifyPath(path).kind == OperationsPathKind::kApproval;
}

}  // namespace failgate
