// What an MLflow server is sent. Only for sources of this room: it needs nlohmann's header.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "controller/mlflow/mlflow_answers.h"

namespace failgate {

/// [{"key", "value"}, …].
[[nodiscard]] nlohmann::json MlflowTagList(const MlflowTags& tags);
/// Bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string MlflowBody(const nlohmann::json& value);

}  // namespace failgate
