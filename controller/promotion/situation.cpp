#include "controller/promotion/situation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/trust/policy_listing.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxOperationsFiles = 100'000;
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

/// Policy of one commit, everything else of another.
std::vector<TreeEntry> FilesInForce(const Repository& repository,
                                    const CommitId& main,
                                    const CommitId& policy) {
  std::vector<TreeEntry> files = repository.FindFiles(main, "", kMaxOperationsFiles);
  if (policy.empty() || policy == main) {
    return files;
  }
  files.erase(std::remove_if(files.begin(),
                             files.end(),
                             [](const TreeEntry& entry) { return IsPolicyPath(entry.name); }),
              files.end());
  for (TreeEntry& entry : ListPolicyAt(repository, policy).entries) {
    files.push_back(std::move(entry));
  }
  std::sort(files.begin(), files.end(), [](const TreeEntry& a, const TreeEntry& b) {
    return a.name < b.name;
  });
  return files;
}

bool IsBelow(const std::filesystem::path& path, const std::filesystem::path& root) {
  const auto normal = path.lexically_normal();
  const auto mismatch = std::mismatch(root.begin(), root.end(), normal.begin(), normal.end());
  return mismatch.first == root.end() && mismatch.second != normal.end();
}

}  // namespace

std::optional<ReleaseRecord> Situation::Record(const ReleaseName& release) const {
  const auto json = log.Record(release);
  if (!json) {
    return std::nullopt;
  }
  auto record = ParseReleaseRecord(*json);
  if (!record) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("reading the record of {}: {}", release.text(), record.error().text));
  }
  return std::move(record).value();
}

const Environment& Situation::EnvironmentOf(const EnvironmentProject& pair) const {
  return view.environments.at(pair.first);
}

const ProjectDeployment& Situation::DeploymentOf(const EnvironmentProject& pair) const {
  return view.deployments.at(pair);
}

Policy Situation::PolicyOf(const EnvironmentProject& pair) const {
  return PolicyFor(view, pair);
}

std::vector<PolicyFile> Situation::PolicyFilesOf(const EnvironmentProject& pair) const {
  const auto environment = view.environments.find(pair.first);
  const auto deployment = view.deployments.find(pair);
  if (environment == view.environments.end() || environment->second.file.path.empty() ||
      deployment == view.deployments.end()) {
    return {};
  }
  const ProjectDeployment& project = deployment->second;
  return {environment->second.file,
          {project.path, project.blob, operations.ReadBlob(project.blob, kMaxFileBytes)}};
}

const Desired* Situation::DesiredOf(const EnvironmentProject& pair) const {
  const auto found = view.desired.find(pair);
  return found == view.desired.end() ? nullptr : &found->second;
}

Problems Situation::ProblemsFor(const EnvironmentProject& pair) const {
  Problems problems = ProblemsOf(view, pair);
  Problems once;
  for (Problem& problem : problems) {
    if (std::find(once.begin(), once.end(), problem) == once.end()) {
      once.push_back(std::move(problem));
    }
  }
  problems = std::move(once);
  const auto deployment = view.deployments.find(pair);
  if (problems.empty() && deployment != view.deployments.end()) {
    problems = BoundsProblems(bounds, deployment->second);
  }
  return problems;
}

OperationsView ReadOperationsAt(const Repository& repository,
                                const CommitId& main,
                                const OperationsView* before,
                                const CommitId& policy) {
  std::vector<OperationsFile> files;
  for (const TreeEntry& entry : FilesInForce(repository, main, policy)) {
    if (entry.kind != TreeEntryKind::kFile && entry.kind != TreeEntryKind::kExecutable) {
      continue;
    }
    OperationsFile file{entry.name, entry.id, {}};
    if (IsOperationsPath(entry.name) && (before == nullptr || !IsKnown(*before, file))) {
      try {
        file.text = repository.ReadBlob(entry.id, kMaxFileBytes);
      } catch (const Error&) {
        // Too large to be ours: an empty text is a problem of that one file, with its name.
        file.text = std::string(1, '\0');
      }
    }
    files.push_back(std::move(file));
  }
  return ReadOperations(files, before);
}

void WithholdPolicy(OperationsView& view, const std::string& why) {
  const Problem problem{kPolicySignatureFile, 0, 0, why};
  view.problems.insert(view.problems.begin(), problem);
  for (auto& environment : view.environments) {
    environment.second.problems.insert(environment.second.problems.begin(), problem);
    environment.second.floor.gates_written = false;
  }
}

Problems BoundsProblems(const PromotionBounds& bounds, const ProjectDeployment& deployment) {
  Problems problems;
  if (!bounds.known) {
    return problems;
  }
  const auto add = [&](std::string text) {
    problems.push_back(Problem{deployment.path, 0, 0, std::move(text)});
  };
  if (bounds.sources.count(deployment.project) == 0) {
    add(fmt::format("no source of the server file may release {}: add it to a source's projects",
                    deployment.project.text()));
  }
  for (const char* kind : {"directory", "mlflow"}) {
    const bool used = std::any_of(
        deployment.deploy.begin(), deployment.deploy.end(), [kind](const DeployStep& step) {
          return std::string_view(step.mlflow ? "mlflow" : "directory") == kind;
        });
    if (used &&
        std::find(bounds.targets.begin(), bounds.targets.end(), kind) == bounds.targets.end()) {
      add(fmt::format("the server file does not allow the target {}: add it to targets.allow",
                      kind));
    }
  }
  for (const DeployStep& step : deployment.deploy) {
    if (step.mlflow) {
      if (bounds.mlflow_projects.count(deployment.project) == 0) {
        add(
            fmt::format("the server file lets {} write to no MLflow server: add it to "
                        "mlflow.projects",
                        deployment.project.text()));
      }
      continue;
    }
    const std::string& path = step.directory.path;
    if (std::none_of(bounds.directory_roots.begin(),
                     bounds.directory_roots.end(),
                     [&](const auto& root) { return IsBelow(path, root); })) {
      add(fmt::format("{} is outside of the server file's targets.directory.roots", path));
    }
  }
  return problems;
}

bool SharesIngredient(Because because, const ReleaseRecord& bad, const ReleaseRecord& record) {
  const bool code = bad.revision == record.revision;
  const bool data = bad.data == record.data && !bad.data.empty();
  switch (because) {
    case Because::kCode:
      return code;
    case Because::kData:
      return data;
    case Because::kBoth:
      return code && bad.data == record.data;
    case Because::kAll:
      return code || data;
  }
  return true;
}

std::optional<std::string> ExceptedBecause(const Situation& situation,
                                           const EnvironmentProject& pair,
                                           const ReleaseRecord& record) {
  const Desired* desired = situation.DesiredOf(pair);
  if (desired == nullptr) {
    return std::nullopt;
  }
  for (const Exception& exception : desired->except) {
    if (exception.release == record.name) {
      return fmt::format("{} is excepted: {}", record.name.text(), exception.reason);
    }
    const auto bad = situation.Record(exception.release);
    if (bad && SharesIngredient(exception.because, *bad, record)) {
      return fmt::format("it shares the {} of {}, which is excepted: {}",
                         Word(exception.because),
                         exception.release.text(),
                         exception.reason);
    }
  }
  return std::nullopt;
}

}  // namespace failgate
