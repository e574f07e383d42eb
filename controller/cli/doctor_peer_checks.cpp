// What other systems the controller works with: the MLflow server it is told of, buckets that are
// watched, and what listens on this host.
#include <fmt/format.h>

#include "controller/base/error.h"
#include "controller/cli/doctor_checks.h"
#include "controller/cli/listening_servers.h"
#include "controller/mlflow/mlflow_caller.h"
#include "controller/mlflow/mlflow_tracking.h"
#include "controller/s3/s3_client.h"

namespace failgate {

std::vector<DoctorCheck> CheckMlflow(const ServerFile& server,
                                     const EnvironmentLookup& environment) {
  if (!server.mlflow) return {};
  const MlflowCaller caller(*server.mlflow, environment);
  try {
    const std::string version = caller.Version();
    // Asked with the credentials, which /version does without.
    static_cast<void>(
        MlflowTracking(caller).FindExperiment(server.mlflow->projects.front().text()));
    return {{"mlflow",
             CheckState::kOk,
             fmt::format("{} answers, version {}", server.mlflow->url, version),
             ""}};
  } catch (const Error& error) {
    return {{"mlflow",
             error.remedy() == Remedy::kRetry ? CheckState::kWarn : CheckState::kFail,
             error.what(),
             error.remedy() == Remedy::kRetry
                 ? "releases are told when it answers again; deployments to it wait"
                 : "mend the mlflow section of the server file"}};
  }
}

namespace {

DoctorCheck CheckBucket(const WatchSettings& watch, const EnvironmentLookup& environment) {
  const std::string name = "watch " + watch.name;
  const S3Client client(*watch.bucket, environment, SystemClock(), [](Milliseconds) {});
  const bool is_table = watch.kind == WatchKind::kDelta;
  S3Client::Listing listing{watch.bucket->prefix + (is_table ? "_delta_log/" : "")};
  listing.most = 1;
  try {
    if (!client.List(listing).objects.empty()) {
      return {name,
              CheckState::kOk,
              fmt::format("{} answers at {}", watch.path.string(), watch.bucket->endpoint),
              ""};
    }
    return {name,
            CheckState::kWarn,
            fmt::format("{} answers, but nothing is there", watch.path.string()),
            is_table ? "write the table, or mend the path of the watch in the server file"
                     : "put an object there, or mend the path of the watch in the server file"};
  } catch (const Error& error) {
    return {name,
            CheckState::kFail,
            error.what(),
            error.remedy() == Remedy::kRetry ? "nothing new is taken until it answers"
                                             : "mend s3 of the watch in the server file"};
  }
}

}  // namespace

std::vector<DoctorCheck> CheckBuckets(const ServerFile& server,
                                      const EnvironmentLookup& environment) {
  std::vector<DoctorCheck> checks;
  for (const WatchSettings& watch : server.watches) {
    if (watch.bucket) checks.push_back(CheckBucket(watch, environment));
  }
  return checks;
}

std::vector<DoctorCheck> CheckServersNearby() {
  const FoundServers found = FindServers();
  std::vector<DoctorCheck> checks;
  for (const auto& [listener, server] : found.servers) {
    checks.push_back({"on this host",
                      CheckState::kOk,
                      fmt::format("{}{} listens at http://{}:{}",
                                  server.kind,
                                  server.version.empty() ? "" : " " + server.version,
                                  listener.host,
                                  listener.port),
                      ""});
  }
  if (checks.empty()) {
    checks.push_back(
        {"on this host", CheckState::kOk, "no MLflow, Airflow or JupyterHub listens", ""});
  }
  if (found.not_asked > 0) {
    checks.push_back({"on this host",
                      CheckState::kOk,
                      fmt::format("{} more ports listen and were not asked", found.not_asked),
                      ""});
  }
  return checks;
}

}  // namespace failgate
