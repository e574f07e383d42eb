// The model registry of an MLflow server: models, their versions, and aliases.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/mlflow/mlflow_answers.h"
#include "controller/mlflow/mlflow_caller.h"

namespace failgate {

/// Thread-safe. Functions throw Error, as MlflowCaller and for refusals. Names are plain: letters,
/// digits, '.', '_', '-'.
class MlflowRegistry {
 public:
  explicit MlflowRegistry(const MlflowCaller& caller) : caller_(caller) {}

  [[nodiscard]] std::optional<MlflowModel> FindModel(const std::string& name) const;
  /// Made unless it is there.
  [[nodiscard]] MlflowModel Model(const std::string& name, const MlflowTags& tags) const;
  void TagModel(const std::string& name, const std::string& key, const std::string& value) const;
  /// A tag that is not there is taken away already.
  void UntagModel(const std::string& name, const std::string& key) const;

  /// Versions with that tag, in the order of their numbers; at most 1,000.
  [[nodiscard]] std::vector<MlflowVersion> FindVersions(const std::string& model,
                                                        const std::string& tag,
                                                        const std::string& value) const;
  [[nodiscard]] MlflowVersion MakeVersion(const std::string& model,
                                          const std::string& source,
                                          const std::string& run,
                                          const MlflowTags& tags) const;
  void TagVersion(const MlflowVersion& version,
                  const std::string& key,
                  const std::string& value) const;

  /// What the alias says; nullopt when it, or the model, is not there.
  [[nodiscard]] std::optional<MlflowVersion> Alias(const std::string& model,
                                                   const std::string& alias) const;
  /// One write that is whole or not made; the last writer wins.
  void SetAlias(const std::string& model,
                const std::string& alias,
                const std::string& version) const;
  /// An alias that is not there is deleted already.
  void DeleteAlias(const std::string& model, const std::string& alias) const;

 private:
  const MlflowCaller& caller_;
};

}  // namespace failgate
