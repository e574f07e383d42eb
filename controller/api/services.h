// Everything of the program that the routes of the API use, wired in one place by the application.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/api/http_server.h"
#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/config/secret_reference.h"
#include "controller/config/server_file.h"
#include "controller/promotion/promotion_snapshot.h"
#include "controller/store/check_store.h"
#include "controller/store/database.h"
#include "controller/store/deployment_store.h"
#include "controller/store/fact_index.h"
#include "controller/store/image_store.h"
#include "controller/store/inbox.h"
#include "controller/store/request_store.h"
#include "controller/store/run_store.h"
#include "controller/store/step_store.h"
#include "controller/store/token_store.h"
#include "controller/watch/watched_folder.h"

namespace failgate {

/// POST /api/v1/projects/P/run.
struct RunWish {
  ProjectName project;
  std::string
      revision;  ///< a branch or 7 to 64 digits of a commit; empty = head of the code branch
  std::string training;  ///< "full" | "degraded" | "" = as the pipeline says for manual runs
  bool again = false;    ///< also when this revision ran already
  Person person;         ///< whose token asked
};

/// What /readyz tells.
struct ReadinessProblem {
  std::string part;     ///< "store", "operations", "runner", "source churn" …
  std::string text;     ///< one sentence for people, without secrets
  bool blocks = false;  ///< 503: deliveries and requests cannot be taken
};

/// How the listening to one source goes.
struct SourceStanding {
  std::optional<TimePoint> fetched;  ///< last time its remote answered
  std::string trouble;               ///< why it cannot be fetched now; empty = it can
};

/// How the recording of releases in an MLflow server goes.
struct RecorderStanding {
  std::size_t owed = 0;  ///< releases in the log that it was not told of yet
  std::string trouble;   ///< why it could not be told at the last try; empty = it could
};

/// References and functions must outlive the ApiHandler. Functions may be called from several
/// threads at once, must not call back into the ApiHandler other than its Changed(), and may throw
/// Error (answered 503 or 500). Only `readiness`, `ask_run` and `sync_now` may take longer than a
/// database statement, none may wait for the network.
struct ApiServices {
  const ServerFile& config;
  EnvironmentLookup environment;  ///< for the secrets of webhooks
  const Clock& clock;
  Database& database;  ///< for readiness only
  Inbox& inbox;
  RunStore& runs;
  StepStore& steps;
  TokenStore& tokens;
  RequestStore& requests;
  DeploymentStore& deployments;
  std::filesystem::path operations_mirror;  ///< bare; read through PromotionSnapshot::log_head only
  std::filesystem::path log_folder;         ///< step logs lie under it; nothing else is read

  /// Promoter::Snapshot; nullptr before the first pass.
  std::function<std::shared_ptr<const PromotionSnapshot>()> snapshot;
  /// Promoter::Trouble.
  std::function<std::string()> trouble;
  /// Promoter::Standing as a word: empty while it works, else "fenced" or "rewritten".
  std::function<std::string()> stopped;
  /// A request waits, or main may have moved: the promoter shall look.
  std::function<void()> wake_promoter;
  /// Look at this source as soon as possible.
  std::function<void(const SourceName&)> sync_now;
  /// Queues a run. Refusals are answered 422, those with code "not_found" 404.
  std::function<Result<RunId>(const RunWish&)> ask_run;
  /// A running run was asked to end.
  std::function<void(const RunId&)> cancel_run;
  /// A stored delivery was queued again.
  std::function<void()> wake_deliveries;
  /// What else is wrong; empty = nothing. Database, snapshot and trouble are asked by the API
  /// itself.
  std::function<std::vector<ReadinessProblem>()> readiness;
  /// By source, "operations" not among them; sources not yet looked at may be missing.
  std::function<std::map<SourceName, SourceStanding>()> standings;
  /// HttpServer::statistics.
  std::function<HttpServerStatistics()> http_statistics;
  /// What is known of the tags of an image source; empty = nothing is.
  std::function<std::vector<ImageTag>(const SourceName&)> image_tags = {};
  /// Promoter::LastPass; empty: the snapshot's time.
  std::function<std::optional<TimePoint>()> last_pass = {};
  /// Index of the deploy log; nullptr: readers walk.
  const FactIndex* facts = nullptr;
  /// What checks came to; their logs lie under log_folder. nullptr: none run here.
  const CheckStore* checks = nullptr;
  /// MlflowRecorder::Standing; empty: no MLflow server is configured.
  std::function<RecorderStanding()> mlflow = {};
  /// Observed::notice of a pair; empty: nobody looks.
  std::function<std::string(const EnvironmentName&, const ProjectName&)> notice = {};
  /// Watcher::Status; empty: there are no watches.
  std::function<std::vector<WatchStatus>()> watches = {};
};

}  // namespace failgate
