#include "controller/mlflow/mlflow_body.h"

namespace failgate {

nlohmann::json MlflowTagList(const MlflowTags& tags) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [key, value] : tags) list.push_back({{"key", key}, {"value", value}});
  return list;
}

std::string MlflowBody(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace failgate
