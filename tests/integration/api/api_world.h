// The whole API over a real server, database and operations repository; the promoter, the runner
// and the sources' remotes are fakes that record what they were asked.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/api/api_handler.h"
#include "controller/base/durable_file.h"
#include "tests/integration/api/raw_client.h"
#include "tests/support/fake_clock.h"

namespace failgate {

/// Known to be secret; must never come out anywhere.
inline constexpr const char* kCanary = "canary-s3cret-of-the-churn-hook";
/// Of the second source, a former one of the first, and of the operations repository.
inline constexpr const char* kRiskSecret = "risk-hook-secret";
inline constexpr const char* kFormerSecret = "former-hook-secret";
inline constexpr const char* kOperationsSecret = "operations-hook-secret";

/// What the fakes were asked.
struct Asked {
  std::atomic<int> promoter{0};
  std::atomic<int> deliveries{0};
  Guarded<std::vector<RunWish>> runs;
  Guarded<std::vector<std::string>> syncs;
  Guarded<std::vector<std::string>> cancels;
};

/// Sources: churn (github, secret in a file, former one too), risk (gitlab), quiet (no webhook),
/// broken (github, secret file missing). Project churn is deployed to dev and prod; churn-1 and
/// churn-2 are released, churn-1 runs in dev.
class ApiWorld {
 public:
  /// `more_sources` come after those above.
  explicit ApiWorld(std::size_t max_queued_rows = 50000,
                    const std::vector<SourceSettings>& more_sources = {},
                    const IntakeLimits& limits = {},
                    const HttpServerOptions& http = {},
                    const std::vector<ImageSourceSettings>& images = {},
                    const std::optional<SonarServerSettings>& sonar = std::nullopt,
                    const std::optional<MlflowSettings>& mlflow = std::nullopt);
  ~ApiWorld();

  RawAnswer Send(const std::string& raw);
  RawAnswer Get(const std::string& path, const std::string& token);
  RawAnswer Call(const std::string& method,
                 const std::string& path,
                 const std::string& token,
                 const std::string& body = {});
  /// A client that has sent the request and not read the answer.
  RawClient Begin(const std::string& method,
                  const std::string& path,
                  const std::string& token,
                  const std::string& body = {});
  std::string Token(Role role, const std::vector<std::string>& projects = {});
  /// Waits until a request is open and answers it as the promoter would.
  std::string AnswerNextRequest(const std::string& json, RequestState state);
  std::string AddRun(const std::string& project, const std::string& reason);

  TemporaryFolder folder;
  FakeClock clock;
  Database database;
  FactIndex facts{database};
  CheckStore checks{database};
  Inbox inbox;
  RunStore runs;
  StepStore steps;
  TokenStore tokens;
  RequestStore requests;
  DeploymentStore deployments;
  ImageStore image_tags;
  ServerFile config;
  Asked asked;
  Guarded<std::string> trouble;
  Guarded<std::string> stopped;  ///< "fenced", "rewritten" or empty
  Guarded<std::shared_ptr<const PromotionSnapshot>> snapshot;
  std::string decision;  ///< name of a decision record in the log
  std::unique_ptr<ApiHandler> handler;
  std::unique_ptr<HttpServer> server;

 private:
  void WriteConfig();
  void WriteOperations();
  ApiServices Services();
};

/// Raw HTTP request; Host, Connection: close and Content-Length are added.
std::string RawRequest(const std::string& method,
                       const std::string& path,
                       const HeaderFields& headers,
                       const std::string& body);

}  // namespace failgate
