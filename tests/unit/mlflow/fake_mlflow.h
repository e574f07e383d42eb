// A fake MLflow server in memory, for what a real one does not do when asked to: fail, refuse, and
// answer as other stores do. The real ones are in tests/integration/mlflow.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "controller/http/http_client.h"
#include "controller/mlflow/mlflow_caller.h"
#include "controller/release/release_record.h"

namespace failgate {

/// churn-N of revision NNNN…, with an artifact "model".
[[nodiscard]] ReleaseRecord ReleaseOf(int number);

class FakeMlflow {
 public:
  using Json = nlohmann::json;

  [[nodiscard]] ClientResponse Answer(const ClientRequest& request);
  [[nodiscard]] MlflowCaller::Sender Sender() {
    return [this](const ClientRequest& request) { return Answer(request); };
  }
  /// "METHOD path" of each call, the query left out.
  std::vector<std::string> calls;
  [[nodiscard]] long CallsOf(const std::string& call) const;

  bool missing_alias_is_404 = false;
  /// Answers instead of the server when it gives something; called with "METHOD path".
  std::function<std::optional<ClientResponse>(const std::string&)> instead;
  std::string authorization;  ///< of the last request

  Json experiments = Json::object();   ///< name → id
  std::vector<Json> runs;              ///< {info, data}
  std::map<std::string, Json> models;  ///< name → {tags, aliases, versions: […]}

 private:
  [[nodiscard]] ClientResponse Tracking(const std::string& call, const Json& body);
  [[nodiscard]] ClientResponse Registry(const std::string& call, const Json& body);
  [[nodiscard]] static Json Shown(Json model);
  [[nodiscard]] ClientResponse Alias(const std::string& call, const Json& body);
};

[[nodiscard]] ClientResponse MlflowError(int status,
                                         const std::string& code,
                                         const std::string& text);

}  // namespace failgate
