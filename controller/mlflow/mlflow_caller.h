// One exchange with the MLflow server of the server file: REST API 2.0, JSON both ways.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "controller/config/secret_reference.h"
#include "controller/config/server_file.h"
#include "controller/http/http_client.h"

namespace failgate {

struct MlflowAnswer {
  int status = 0;
  std::string error_code;  ///< "RESOURCE_DOES_NOT_EXIST"; empty for a success
  std::string message;     ///< of an error: one line
  std::string body;        ///< as it came

  [[nodiscard]] bool ok() const { return status == 200; }
  /// Both shapes of "there is none": 404, and the 400 by which SQL and file stores say that an
  /// alias is not set.
  [[nodiscard]] bool IsMissing() const;
};

/// Thread-safe. Credentials are read at each use and go to that server alone; no redirect is
/// followed.
class MlflowCaller {
 public:
  using Query = std::vector<std::pair<std::string, std::string>>;
  /// Fetch in production, a fake server in tests.
  using Sender = std::function<ClientResponse(const ClientRequest&)>;
  /// Both must outlive it.
  MlflowCaller(const MlflowSettings& settings,
               const EnvironmentLookup& environment,
               Sender send = Fetch);

  /// `path` below api/2.0/mlflow/, "runs/get". Throws Error: kRetry when the server cannot be
  /// reached, is busy or fails; kNeedsChange when it refuses the credentials or is no MLflow. Any
  /// other answer is returned.
  [[nodiscard]] MlflowAnswer Get(const std::string& path, const Query& query = {}) const;
  [[nodiscard]] MlflowAnswer Send(const std::string& method,
                                  const std::string& path,
                                  const std::string& json) const;
  /// What GET /version says, "3.4.0"; throws as Get.
  [[nodiscard]] std::string Version() const;
  /// `answer` is a refusal of `doing`.
  [[noreturn]] void Refuse(const std::string& doing, const MlflowAnswer& answer) const;

 private:
  [[nodiscard]] ClientRequest RequestTo(const std::string& method, const std::string& path) const;
  [[nodiscard]] MlflowAnswer Ask(const ClientRequest& request, const std::string& doing) const;

  const MlflowSettings& settings_;
  const EnvironmentLookup& environment_;
  Sender send_;
};

}  // namespace failgate
