#include "controller/mlflow/mlflow_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/mlflow/mlflow_body.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr const char* kMostVersions = "1000";

template <typename Read>
auto Readable(Read read, const std::string& doing) {
  if (!read) {
    throw Error(Remedy::kRetry, fmt::format("MLflow answered {} with something else", doing));
  }
  return *std::move(read);
}

}  // namespace

std::optional<MlflowModel> MlflowRegistry::FindModel(const std::string& name) const {
  const MlflowAnswer answer = caller_.Get("registered-models/get", {{"name", name}});
  if (answer.IsMissing()) return std::nullopt;
  const std::string doing = "looking for model " + name;
  if (!answer.ok()) caller_.Refuse(doing, answer);
  return Readable(ReadMlflowModel(answer.body), doing);
}

MlflowModel MlflowRegistry::Model(const std::string& name, const MlflowTags& tags) const {
  if (auto found = FindModel(name)) return *std::move(found);
  const std::string doing = "making model " + name;
  const MlflowAnswer answer =
      caller_.Send("POST",
                   "registered-models/create",
                   MlflowBody({{"name", name}, {"tags", MlflowTagList(tags)}}));
  if (answer.error_code == "RESOURCE_ALREADY_EXISTS") {
    if (auto found = FindModel(name)) return *std::move(found);
  }
  if (!answer.ok()) caller_.Refuse(doing, answer);
  return Readable(ReadMlflowModel(answer.body), doing);
}

void MlflowRegistry::TagModel(const std::string& name,
                              const std::string& key,
                              const std::string& value) const {
  const MlflowAnswer answer =
      caller_.Send("POST",
                   "registered-models/set-tag",
                   MlflowBody({{"name", name}, {"key", key}, {"value", value}}));
  if (!answer.ok()) caller_.Refuse("tagging model " + name, answer);
}

void MlflowRegistry::UntagModel(const std::string& name, const std::string& key) const {
  const MlflowAnswer answer = caller_.Send(
      "DELETE", "registered-models/delete-tag", MlflowBody({{"name", name}, {"key", key}}));
  if (!answer.ok() && !answer.IsMissing()) caller_.Refuse("untagging model " + name, answer);
}

std::vector<MlflowVersion> MlflowRegistry::FindVersions(const std::string& model,
                                                        const std::string& tag,
                                                        const std::string& value) const {
  const std::string doing = "looking for versions of model " + model;
  const MlflowAnswer answer =
      caller_.Get("model-versions/search",
                  {{"filter", fmt::format("name = '{}' AND tags.`{}` = '{}'", model, tag, value)},
                   {"max_results", kMostVersions}});
  if (!answer.ok()) caller_.Refuse(doing, answer);
  std::vector<MlflowVersion> versions = Readable(ReadMlflowVersions(answer.body), doing);
  versions.erase(std::remove_if(versions.begin(),
                                versions.end(),
                                [&](const MlflowVersion& version) {
                                  return version.model != model || version.Tag(tag) != value;
                                }),
                 versions.end());
  std::sort(versions.begin(), versions.end(), [](const auto& a, const auto& b) {
    return ParseNonNegative(a.version) < ParseNonNegative(b.version);
  });
  return versions;
}

MlflowVersion MlflowRegistry::MakeVersion(const std::string& model,
                                          const std::string& source,
                                          const std::string& run,
                                          const MlflowTags& tags) const {
  const std::string doing = "making a version of model " + model;
  const MlflowAnswer answer = caller_.Send(
      "POST",
      "model-versions/create",
      MlflowBody(
          {{"name", model}, {"source", source}, {"run_id", run}, {"tags", MlflowTagList(tags)}}));
  if (!answer.ok()) caller_.Refuse(doing, answer);
  return Readable(ReadMlflowVersion(answer.body), doing);
}

void MlflowRegistry::TagVersion(const MlflowVersion& version,
                                const std::string& key,
                                const std::string& value) const {
  const MlflowAnswer answer = caller_.Send(
      "POST",
      "model-versions/set-tag",
      MlflowBody(
          {{"name", version.model}, {"version", version.version}, {"key", key}, {"value", value}}));
  if (!answer.ok()) {
    caller_.Refuse(fmt::format("tagging version {} of model {}", version.version, version.model),
                   answer);
  }
}

std::optional<MlflowVersion> MlflowRegistry::Alias(const std::string& model,
                                                   const std::string& alias) const {
  const MlflowAnswer answer =
      caller_.Get("registered-models/alias", {{"name", model}, {"alias", alias}});
  if (answer.IsMissing()) return std::nullopt;
  const std::string doing = fmt::format("reading the alias {} of model {}", alias, model);
  if (!answer.ok()) caller_.Refuse(doing, answer);
  return Readable(ReadMlflowVersion(answer.body), doing);
}

void MlflowRegistry::SetAlias(const std::string& model,
                              const std::string& alias,
                              const std::string& version) const {
  const MlflowAnswer answer =
      caller_.Send("POST",
                   "registered-models/alias",
                   MlflowBody({{"name", model}, {"alias", alias}, {"version", version}}));
  if (!answer.ok()) {
    caller_.Refuse(fmt::format("setting the alias {} of model {}", alias, model), answer);
  }
}

void MlflowRegistry::DeleteAlias(const std::string& model, const std::string& alias) const {
  const MlflowAnswer answer = caller_.Send(
      "DELETE", "registered-models/alias", MlflowBody({{"name", model}, {"alias", alias}}));
  if (!answer.ok() && !answer.IsMissing()) {
    caller_.Refuse(fmt::format("deleting the alias {} of model {}", alias, model), answer);
  }
}

}  // namespace failgate
