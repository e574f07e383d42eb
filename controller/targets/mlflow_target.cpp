#include "controller/targets/mlflow_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/text.h"
#include "controller/mlflow/release_run.h"
#include "controller/targets/health_check.h"

namespace failgate {
namespace {

using Kind = Observation::Kind;

constexpr std::string_view kOwnerTag = "failgate.alias.";

std::string OwnerTagOf(const std::string& alias) {
  return std::string(kOwnerTag) + alias;
}

std::string PairOf(const TargetStep& step) {
  return fmt::format("{}/{}", step.project.text(), step.environment.text());
}

std::string TagOf(const MlflowTags& tags, const std::string& key) {
  const auto found = tags.find(key);
  return found == tags.end() ? std::string() : found->second;
}

const ReleaseRecord& RecordOf(const TargetStep& step) {
  if (step.deployable->record == nullptr) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("the record of {} is not in the log: choose another release",
                            step.deployable->release.text()));
  }
  return *step.deployable->record;
}

/// "version 7 of churn (churn-41, stage Production)".
std::string Named(const MlflowVersion& version) {
  const std::string release = version.Tag(kMlflowReleaseTag);
  const bool staged = !version.stage.empty() && version.stage != "None";
  return fmt::format("version {} of {} ({}{})",
                     version.version,
                     version.model,
                     release.empty() ? "not made by failgate" : OneLine(release, 80),
                     staged ? ", stage " + OneLine(version.stage, 40) : "");
}

/// Empty when the version is the one that is wanted.
std::string FaultOf(const MlflowVersion& version, const MlflowTags& wanted) {
  for (const char* key : {kMlflowReleaseTag, kMlflowArtifactTag}) {
    if (version.Tag(key) != TagOf(wanted, key)) return "points to " + Named(version);
  }
  for (const auto& [key, value] : wanted) {
    if (version.Tag(key) == value) continue;
    return fmt::format("points to {}, whose tag {} says '{}'",
                       Named(version),
                       key,
                       OneLine(version.Tag(key), 100));
  }
  return {};
}

/// The alias is set and is not the pair's.
std::optional<Observation> ForeignAlias(const TargetStep& step,
                                        const std::optional<MlflowModel>& model) {
  const MlflowTarget& target = *step.step->mlflow;
  const std::string owner = model ? TagOf(model->tags, OwnerTagOf(target.alias)) : std::string();
  if (owner == PairOf(step)) return std::nullopt;
  return Observation{
      Kind::kForeign,
      fmt::format("the alias {} of model {} {}; it is never moved: delete it, or hand it over with "
                  "the model's tag {} = {}",
                  target.alias,
                  target.model,
                  owner.empty() ? "was set by somebody else" : "belongs to " + OneLine(owner, 140),
                  OwnerTagOf(target.alias),
                  PairOf(step))};
}

/// What consumers get that ask by stage, where no alias says so; stages are read and never written.
/// Empty when stages and aliases agree, or there are none.
std::string ContradictionOfStages(const MlflowTarget& target,
                                  const MlflowVersion& live,
                                  const MlflowModel& model) {
  std::vector<std::string> found;
  if (live.stage == "Archived") {
    found.push_back(fmt::format("the alias {} points to {}", target.alias, Named(live)));
  }
  for (const MlflowVersion& staged : model.newest_of_stages) {
    if (staged.stage != "Production" && staged.stage != "Staging") continue;
    const bool named =
        std::any_of(model.aliases.begin(), model.aliases.end(), [&](const auto& alias) {
          return alias.second == staged.version;
        });
    if (named) continue;
    found.push_back(fmt::format(
        "models:/{}/{} is {}, and no alias points to it; the alias {} points to version "
        "{}",
        target.model,
        staged.stage,
        Named(staged),
        target.alias,
        live.version));
  }
  return Join(found, "; ");
}

}  // namespace

Observation MlflowAliasTarget::Observe(const TargetStep& step, bool full) {
  static_cast<void>(full);  // there are no bytes to hash again
  const MlflowTarget& target = *step.step->mlflow;
  const auto version = registry_.Alias(target.model, target.alias);
  if (!version) {
    return {Kind::kAbsent,
            fmt::format("the alias {} of model {} is not set", target.alias, target.model)};
  }
  const auto model = registry_.FindModel(target.model);
  if (auto foreign = ForeignAlias(step, model)) return *foreign;
  if (step.deployable->record == nullptr) {
    return {Kind::kDiffers,
            fmt::format("the alias {} points to {}", target.alias, Named(*version))};
  }
  const std::string fault =
      FaultOf(*version, VersionTagsOf(*step.deployable->record, target.artifact));
  if (fault.empty()) {
    return {Kind::kAsWanted, "", model ? ContradictionOfStages(target, *version, *model) : ""};
  }
  return {Kind::kDiffers, fmt::format("the alias {} {}", target.alias, fault)};
}

MlflowVersion MlflowAliasTarget::VersionFor(const TargetStep& step, const MlflowTags& wanted) {
  const MlflowTarget& target = *step.step->mlflow;
  const ReleaseRecord& record = RecordOf(step);
  const MlflowRun run = recording_.Record(record);
  std::optional<MlflowVersion> version;
  for (MlflowVersion& one :
       registry_.FindVersions(target.model, kMlflowReleaseTag, record.name.text())) {
    if (version || one.Tag(kMlflowArtifactTag) != target.artifact) continue;
    version = std::move(one);
  }
  if (!version) {
    version = registry_.MakeVersion(
        target.model, fmt::format("{}/{}", run.artifact_uri, target.artifact), run.id, wanted);
    FailPoint("mlflow-version-made");
  }
  for (const auto& [key, value] : wanted) {
    if (version->Tag(key) != value) registry_.TagVersion(*version, key, value);
  }
  return *version;
}

void MlflowAliasTarget::Apply(const TargetStep& step) {
  const MlflowTarget& target = *step.step->mlflow;
  const MlflowTags wanted = VersionTagsOf(RecordOf(step), target.artifact);
  const auto before = registry_.Alias(target.model, target.alias);
  const MlflowModel model =
      registry_.Model(target.model, {{kMlflowProjectTag, step.project.text()}});
  if (before) {
    if (const auto foreign = ForeignAlias(step, model)) {
      throw Error(Remedy::kNeedsChange, foreign->detail);
    }
  }
  const MlflowVersion version = VersionFor(step, wanted);
  if (TagOf(model.tags, OwnerTagOf(target.alias)) != PairOf(step)) {
    registry_.TagModel(target.model, OwnerTagOf(target.alias), PairOf(step));
  }
  if (!before || before->version != version.version) {
    FailPoint("mlflow-alias-due");
    registry_.SetAlias(target.model, target.alias, version.version);
    FailPoint("mlflow-alias-set");
  }
  const auto after = registry_.Alias(target.model, target.alias);
  if (!after || after->version != version.version) {
    throw Error(Remedy::kRetry,
                fmt::format("the alias {} of model {} was set to version {}, and reads {}: "
                            "somebody else moves it",
                            target.alias,
                            target.model,
                            version.version,
                            after ? after->version : "nothing"));
  }
}

HealthAnswer MlflowAliasTarget::Healthy(const TargetStep& step,
                                        Milliseconds within,
                                        const std::stop_token& stop) {
  if (!step.step->health) return {true, ""};
  const HealthCheck& check = *step.step->health;
  switch (check.kind) {
    case HealthCheck::Kind::kHttp:
      return TryHttp(check.value, within);
    case HealthCheck::Kind::kTcp:
      return TryTcp(check.value, within, stop);
    case HealthCheck::Kind::kCommand:
      break;
  }
  return {false, "command: a model has no folder that a command could look at"};
}

void MlflowAliasTarget::Prune(const TargetStep& step, const std::vector<TargetStep>& keep) {
  const MlflowTarget& target = *step.step->mlflow;
  const auto model = registry_.FindModel(target.model);
  if (!model) return;
  for (const auto& [key, owner] : model->tags) {
    if (key.rfind(kOwnerTag, 0) != 0 || owner != PairOf(step)) continue;
    const std::string alias = key.substr(kOwnerTag.size());
    const bool stays = alias == target.alias ||
                       std::any_of(keep.begin(), keep.end(), [&](const TargetStep& other) {
                         const auto& kept = other.step->mlflow;
                         return kept && kept->model == target.model && kept->alias == alias;
                       });
    if (stays) continue;
    registry_.DeleteAlias(target.model, alias);
    registry_.UntagModel(target.model, key);
  }
}

void MlflowAliasTarget::Remove(const TargetStep& step) {
  const MlflowTarget& target = *step.step->mlflow;
  const auto model = registry_.FindModel(target.model);
  if (!model) return;
  if (registry_.Alias(target.model, target.alias)) {
    if (const auto foreign = ForeignAlias(step, model)) {
      throw Error(Remedy::kNeedsChange, foreign->detail);
    }
    registry_.DeleteAlias(target.model, target.alias);
    FailPoint("mlflow-alias-deleted");
  }
  if (TagOf(model->tags, OwnerTagOf(target.alias)) == PairOf(step)) {
    registry_.UntagModel(target.model, OwnerTagOf(target.alias));
  }
}

}  // namespace failgate
