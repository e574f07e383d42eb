#include "controller/mlflow/mlflow_answers.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "controller/base/text.h"

namespace failgate {
namespace {

using nlohmann::json;

json Parse(std::string_view body) {
  return json::parse(body, nullptr, false);
}

/// "" when it is missing or no text.
std::string TextOf(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (found->is_number_integer()) return std::to_string(found->get<long long>());
  return found->is_string() ? found->get<std::string>() : std::string();
}

const json* ObjectOf(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? &*found : nullptr;
}

/// [{"key", "value"}…]; what is none of these is left out.
MlflowTags TagsOf(const json& object) {
  MlflowTags tags;
  const auto list = object.find("tags");
  if (list == object.end() || !list->is_array()) return tags;
  for (const json& tag : *list) {
    if (tag.is_object() && tag.contains("key")) tags[TextOf(tag, "key")] = TextOf(tag, "value");
  }
  return tags;
}

std::optional<MlflowRun> RunOf(const json& object) {
  const json* info = ObjectOf(object, "info");
  if (info == nullptr) return std::nullopt;
  MlflowRun run;
  run.id = TextOf(*info, "run_id");
  run.experiment = TextOf(*info, "experiment_id");
  run.status = TextOf(*info, "status");
  run.artifact_uri = TextOf(*info, "artifact_uri");
  run.deleted = TextOf(*info, "lifecycle_stage") == "deleted";
  run.started = ParseNonNegative(TextOf(*info, "start_time")).value_or(0);
  if (const json* data = ObjectOf(object, "data")) run.tags = TagsOf(*data);
  return run.id.empty() ? std::nullopt : std::optional<MlflowRun>(std::move(run));
}

std::optional<MlflowVersion> VersionOf(const json& object) {
  if (!object.is_object()) return std::nullopt;
  MlflowVersion version;
  version.model = TextOf(object, "name");
  version.version = TextOf(object, "version");
  version.run = TextOf(object, "run_id");
  version.status = TextOf(object, "status");
  version.stage = TextOf(object, "current_stage");
  version.tags = TagsOf(object);
  return version.model.empty() || !ParseNonNegative(version.version)
             ? std::nullopt
             : std::optional<MlflowVersion>(std::move(version));
}

/// [{"alias", "version"}…].
std::map<std::string, std::string> AliasesOf(const json& model) {
  std::map<std::string, std::string> aliases;
  const auto list = model.find("aliases");
  if (list == model.end() || !list->is_array()) return aliases;
  for (const json& item : *list) {
    if (item.is_object()) aliases[TextOf(item, "alias")] = TextOf(item, "version");
  }
  return aliases;
}

std::vector<MlflowVersion> NewestOfStages(const json& model) {
  std::vector<MlflowVersion> versions;
  const auto list = model.find("latest_versions");
  if (list == model.end() || !list->is_array()) return versions;
  for (const json& item : *list) {
    auto version = VersionOf(item);
    if (version && !version->stage.empty()) versions.push_back(*std::move(version));
  }
  return versions;
}

}  // namespace

std::string MlflowVersion::Tag(const std::string& key) const {
  const auto found = tags.find(key);
  return found == tags.end() ? std::string() : found->second;
}

std::optional<MlflowFault> ReadMlflowError(std::string_view body) {
  const json answer = Parse(body);
  if (!answer.is_object()) return std::nullopt;
  MlflowFault fault{TextOf(answer, "error_code"), TextOf(answer, "message")};
  return fault.code.empty() ? std::nullopt : std::optional<MlflowFault>(std::move(fault));
}

std::optional<std::string> ReadMlflowExperiment(std::string_view body) {
  const json answer = Parse(body);
  if (!answer.is_object()) return std::nullopt;
  const json* inside = ObjectOf(answer, "experiment");
  std::string id = TextOf(inside != nullptr ? *inside : answer, "experiment_id");
  return id.empty() ? std::nullopt : std::optional<std::string>(std::move(id));
}

std::optional<MlflowRun> ReadMlflowRun(std::string_view body) {
  const json answer = Parse(body);
  const json* run = ObjectOf(answer, "run");
  return run == nullptr ? std::nullopt : RunOf(*run);
}

std::optional<MlflowRunPage> ReadMlflowRuns(std::string_view body) {
  const json answer = Parse(body);
  if (!answer.is_object()) return std::nullopt;
  MlflowRunPage page;
  page.next = TextOf(answer, "next_page_token");
  const auto list = answer.find("runs");
  if (list == answer.end()) return page;
  if (!list->is_array()) return std::nullopt;
  for (const json& item : *list) {
    auto run = RunOf(item);
    if (!run) return std::nullopt;
    page.runs.push_back(*std::move(run));
  }
  return page;
}

std::optional<MlflowModel> ReadMlflowModel(std::string_view body) {
  const json answer = Parse(body);
  const json* model = ObjectOf(answer, "registered_model");
  if (model == nullptr) return std::nullopt;
  MlflowModel read{
      TextOf(*model, "name"), TagsOf(*model), AliasesOf(*model), NewestOfStages(*model)};
  return read.name.empty() ? std::nullopt : std::optional<MlflowModel>(std::move(read));
}

std::optional<MlflowVersion> ReadMlflowVersion(std::string_view body) {
  const json answer = Parse(body);
  const json* version = ObjectOf(answer, "model_version");
  return version == nullptr ? std::nullopt : VersionOf(*version);
}

std::optional<std::vector<MlflowVersion>> ReadMlflowVersions(std::string_view body) {
  const json answer = Parse(body);
  if (!answer.is_object()) return std::nullopt;
  std::vector<MlflowVersion> versions;
  const auto list = answer.find("model_versions");
  if (list == answer.end()) return versions;
  if (!list->is_array()) return std::nullopt;
  for (const json& item : *list) {
    auto version = VersionOf(item);
    if (!version) return std::nullopt;
    versions.push_back(*std::move(version));
  }
  return versions;
}

}  // namespace failgate
