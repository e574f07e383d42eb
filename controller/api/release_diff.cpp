#include "controller/api/release_diff.h"

#include <algorithm>
#include <set>

#include "controller/base/text.h"
#include "controller/deploylog/log_tree.h"
#include "controller/promotion/project_deployment.h"
#include "controller/release/release_record.h"
#include "policies/decision_json.h"

namespace failgate {
namespace {

std::optional<ReleaseRecord> RecordOf(const LogTree& tree, const ReleaseName& release) {
  const std::optional<std::string> text = release.empty() ? std::nullopt : tree.Record(release);
  if (!text) {
    return std::nullopt;
  }
  auto record = ParseReleaseRecord(*text);
  return record ? std::optional<ReleaseRecord>(std::move(*record)) : std::nullopt;
}

std::string DigestOf(const std::optional<ReleaseRecord>& record, const std::string& name) {
  if (record) {
    for (const ArtifactRecord& artifact : record->artifacts) {
      if (artifact.name == name) {
        return artifact.sha256;
      }
    }
  }
  return {};
}

ReleaseName DefaultRelease(const LogTree& tree,
                           const Assessment& assessment,
                           const ProjectName& project) {
  if (!assessment.release.empty()) {
    return assessment.release;
  }
  const std::vector<ReleaseName> all = tree.Releases(project);
  return all.empty() ? ReleaseName() : all.front();
}

std::string FileText(const std::string& path, const ObjectId& blob) {
  return path + "@" + blob.text();
}

/// Of the decision that let in what runs; empty when nothing runs or the log has lost it.
std::string PolicyThen(const LogTree& tree, const EnvironmentState& state) {
  const HistoryEntry* end = state.EndOf(state.running, state.running_spec);
  const auto path = end == nullptr ? std::nullopt : DecisionPath(end->decision);
  const auto bytes = path ? tree.File(*path) : std::nullopt;
  const auto record = DecisionRecordFromJson(bytes.value_or(""));
  std::vector<std::string> files;
  for (const PolicyFile& file : record ? record->policy : std::vector<PolicyFile>()) {
    files.push_back(FileText(file.path, file.blob));
  }
  return Join(files, " ");
}

std::string PolicyNow(const OperationsView& view, const EnvironmentProject& pair) {
  const auto environment = view.environments.find(pair.first);
  const auto deployment = view.deployments.find(pair);
  std::vector<std::string> files;
  if (environment != view.environments.end()) {
    files.push_back(FileText(environment->second.file.path, environment->second.file.blob));
  }
  if (deployment != view.deployments.end()) {
    files.push_back(FileText(deployment->second.path, deployment->second.blob));
  }
  return Join(files, " ");
}

}  // namespace

bool ReleaseDiff::same() const {
  return revision.same() && data.same() && deploy.same() &&
         std::all_of(artifacts.begin(), artifacts.end(), [](const ArtifactChange& artifact) {
           return artifact.sha256.same();
         });
}

std::optional<ReleaseDiff> DiffOf(const PromotionSnapshot& snapshot,
                                  const Repository& operations,
                                  const EnvironmentProject& pair,
                                  const ReleaseName& release) {
  const auto assessment = snapshot.pairs.find(pair);
  if (assessment == snapshot.pairs.end()) {
    return std::nullopt;
  }
  const LogTree tree(operations, snapshot.log_head);
  ReleaseDiff diff;
  diff.environment = pair.first;
  diff.project = pair.second;
  diff.to = release.empty() ? DefaultRelease(tree, *assessment->second, pair.second) : release;
  const std::optional<ReleaseRecord> to = RecordOf(tree, diff.to);
  if (!to || to->project != pair.second) {
    return std::nullopt;
  }
  const EnvironmentState& state = snapshot.log->Environment(pair.first, pair.second);
  diff.from = state.running;
  diff.deploy.from = state.running_spec;
  const auto deployment = snapshot.view->deployments.find(pair);
  if (deployment != snapshot.view->deployments.end() && deployment->second.problems.empty()) {
    diff.deploy.to = SpecDigest(deployment->second);
  }
  diff.policy = {PolicyThen(tree, state), PolicyNow(*snapshot.view, pair)};
  const std::optional<ReleaseRecord> from = RecordOf(tree, diff.from);
  diff.revision = {from ? from->revision.text() : "", to->revision.text()};
  diff.data = {from ? from->data : "", to->data};
  std::set<std::string> names;
  for (const std::optional<ReleaseRecord>* record : {&from, &to}) {
    if (record->has_value()) {
      for (const ArtifactRecord& artifact : (*record)->artifacts) {
        names.insert(artifact.name);
      }
    }
  }
  for (const std::string& name : names) {
    ArtifactChange change;
    change.name = name;
    change.sha256 = {DigestOf(from, name), DigestOf(to, name)};
    change.change = change.sha256.same()         ? "same"
                    : change.sha256.from.empty() ? "added"
                    : change.sha256.to.empty()   ? "removed"
                                                 : "changed";
    diff.artifacts.push_back(std::move(change));
  }
  return diff;
}

}  // namespace failgate
