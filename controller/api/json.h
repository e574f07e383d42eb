// The one place for the names on the wire (product.md §10): the server's answers and the command
// line's offline output are the same bytes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/api/release_diff.h"
#include "controller/api/services.h"
#include "controller/api/step_progress.h"
#include "controller/config/server_file.h"
#include "controller/deploylog/log_history.h"
#include "controller/promotion/advice.h"
#include "controller/promotion/ladder_report.h"
#include "controller/store/delivery_record.h"
#include "controller/store/deployment_store.h"
#include "controller/store/request_store.h"
#include "controller/store/run.h"
#include "controller/store/token_store.h"
#include "controller/watch/watched_folder.h"

namespace failgate {

// Every function gives one compact JSON text in UTF-8 (bytes that are not are replaced), with
// registered secrets removed. What is absent is null, never missing. Times are RFC 3339 in whole
// seconds, UTC.

/// [{project, environment, wanted, decided, running, health, drift, state, since, text}]
[[nodiscard]] std::string StatusJson(const std::vector<StatusRow>& rows);
/// One row of StatusJson.
[[nodiscard]] std::string StatusRowJson(const StatusRow& row);
/// {project, environment, release, state, text, gates: [{gate, mode, verdict, reason, until}],
/// next: [COMMAND], problems: [{file, line, column, text}]}
[[nodiscard]] std::string WhyJson(const WhyAnswer& answer);
/// [{name, number, revision, data, created, artifacts: [{name, sha256, size, kind, format, trained,
/// from}], environments: [NAME]}]
[[nodiscard]] std::string ReleasesJson(const std::vector<ReleaseRow>& rows);
/// One of ReleasesJson with {project, source, source_url, ref, run, trigger, training, delivery,
/// previous, record, authors, evidence}.
[[nodiscard]] std::string ReleaseJson(const ReleaseRow& row);
/// [{project, environment, kind, text, count, median_ms}]
[[nodiscard]] std::string AdviceJson(const std::vector<Advice>& all);
/// {project, environment, from, to, same, revision: {from, to}, data: {from, to}, deploy: {from,
/// to}, policy: {from, to}, artifacts: [{name, change, from, to}]}
[[nodiscard]] std::string DiffJson(const ReleaseDiff& diff);

/// [{id, project, source, ref, revision, base_revision, data, trigger, training, state, reason,
/// created, started, finished, duration_ms, deliveries, requested_by, again, cancel_requested,
/// release, release_state, superseded_by}]
[[nodiscard]] std::string RunsJson(const std::vector<Run>& runs);
/// One of RunsJson.
[[nodiscard]] std::string RunRowJson(const Run& run);
/// One of RunsJson with {steps: [{name, level, state, attempt, started, finished, duration_ms,
/// exit_code, reason, log_bytes, result, progress: {step, of, metrics}}], plan, evidence}.
/// `progress`: of steps that run, by their names.
[[nodiscard]] std::string RunJson(const Run& run,
                                  const std::vector<Step>& steps,
                                  const std::map<std::string, StepProgress>& progress = {});

/// [{id, source, provider, delivery, event, status, ignored_because, refs: [{ref, deleted}],
/// received, finished, bytes, sha256, remote, replays, outcome}]
[[nodiscard]] std::string DeliveriesJson(const std::vector<DeliveryRecord>& deliveries);
/// One of DeliveriesJson.
[[nodiscard]] std::string DeliveryRowJson(const DeliveryRecord& delivery);
/// One of DeliveriesJson with {headers: [{name, value}]}.
[[nodiscard]] std::string DeliveryJson(const DeliveryRecord& delivery);

/// [{id, project, environment, release, previous, spec, decision, attempt, state, reason, started,
/// finished, duration_ms, steps}]
[[nodiscard]] std::string DeploymentsJson(const std::vector<Deployment>& deployments);
[[nodiscard]] std::string DeploymentJson(const Deployment& deployment);

/// [{id, name, state: "running" | "passed" | "failed", reason, started, finished, duration_ms,
/// tests: {passed, failed, errors, skipped}, metrics: {NAME: VALUE}}]
[[nodiscard]] std::string ChecksJson(const std::vector<CheckRecord>& checks);

/// [{commit, sequence, fact, at, subject, project, environment, release, trailers: [{key, value}]}]
[[nodiscard]] std::string LogJson(const std::vector<LogEntry>& entries);
/// Of `decided` facts: [{decision, project, environment, release, outcome, at, sequence, commit}]
[[nodiscard]] std::string DecisionsJson(const std::vector<LogEntry>& entries);
[[nodiscard]] std::string LogEntryJson(const LogEntry& entry);

/// [{project, source, environments: [NAME], releases}] — `releases`: the highest number given.
struct ProjectRow {
  ProjectName project;
  SourceName source;  ///< empty when the server file binds it to none
  std::vector<EnvironmentName> environments;
  long releases = 0;
};
[[nodiscard]] std::string ProjectsJson(const std::vector<ProjectRow>& rows);
[[nodiscard]] std::string ProjectJson(const ProjectRow& row);

/// [{name, after, policy, problems}] in ladder order.
[[nodiscard]] std::string EnvironmentsJson(const OperationsView& view);

/// [{name, kind, url, projects, provider, poll, fetched, trouble, tags: [{tag, digest, since}]}];
/// no secrets, no credentials. Tags are those of an image, null otherwise.
struct SourceRow {
  SourceName name;
  std::string kind = "code";  ///< "code" | "image"
  std::string url;            ///< of an image its name
  std::vector<ProjectName> projects;
  std::string provider;  ///< of its webhook; empty = none
  Milliseconds poll{0};
  std::vector<ImageTag> tags;  ///< of an image
  std::optional<TimePoint> fetched;
  std::string trouble;
};
[[nodiscard]] std::string SourcesJson(const std::vector<SourceRow>& rows);
/// [{name, kind, path, projects, version, files, trouble, taking: {file, bytes, of}}]
struct WatchRow {
  const WatchSettings& settings;
  WatchStatus status;
};
[[nodiscard]] std::string WatchesJson(const std::vector<WatchRow>& rows);

/// {request, kind, state, project, environment, release, person, created, finished, answer}
[[nodiscard]] std::string RequestJson(const Request& request);

/// [{id, person, role, projects, created, expires, revoked}]; the tokens themselves are not known.
[[nodiscard]] std::string TokensJson(const std::vector<TokenRecord>& tokens);

/// {WHAT: id, status}, e.g. {"delivery":"0193…","status":"queued"}
[[nodiscard]] std::string TakenJson(std::string_view what,
                                    std::string_view id,
                                    std::string_view status);
/// {ready, problems: [{part, text, blocks}]}
[[nodiscard]] std::string ReadinessJson(bool ready, const std::vector<ReadinessProblem>& problems);

/// {error: {code, message}}
[[nodiscard]] std::string ErrorJson(std::string_view code, std::string_view message);
/// {error: {code, message, request}}
[[nodiscard]] std::string ErrorJson(std::string_view code,
                                    std::string_view message,
                                    std::string_view request);

}  // namespace failgate
