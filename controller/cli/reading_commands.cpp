#include "controller/cli/commands/advise.h"
#include "controller/cli/commands/audit.h"
#include "controller/cli/commands/checks.h"
#include "controller/cli/commands/deliveries.h"
#include "controller/cli/commands/log.h"
#include "controller/cli/commands/metrics.h"
#include "controller/cli/commands/releases.h"
#include "controller/cli/commands/runs.h"
#include "controller/cli/commands/status.h"
#include "controller/cli/commands/why.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/registration.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxLimit = 100'000;

void AddLimit(CLI::App* command, std::size_t& limit) {
  command->add_option("--limit", limit, "how many at most")
      ->check(CLI::Range(std::size_t{1}, kMaxLimit))
      ->capture_default_str();
}

constexpr const char* kCloneText = "a clone of the operations repository, instead of the server";

void RegisterLadder(Registration& registration) {
  CLI::App& app = registration.app;
  CLI::App* status = app.add_subcommand("status", "What is wanted, decided and running");
  const auto rows = std::make_shared<StatusOptions>();
  status->add_option("PROJECT", rows->project, "only this one");
  AddOptionalPath(status, "--repo", rows->clone, kCloneText);
  AddOutput(status, rows->json);
  Bind(registration, status, rows, RunStatus);
  CLI::App* why = app.add_subcommand("why", "What a project waits for, and what to type next");
  const auto reason = std::make_shared<WhyOptions>();
  why->add_option("PROJECT", reason->project)->required();
  why->add_option("ENVIRONMENT", reason->environment)->required();
  AddOptionalPath(why, "--repo", reason->clone, kCloneText);
  AddOptionalPath(why,
                  "--source",
                  reason->source,
                  "with --repo: a clone of the source, for gates that ask who wrote or signed");
  AddOutput(why, reason->json);
  Bind(registration, why, reason, RunWhy);
  CLI::App* releases = app.add_subcommand("releases", "Releases of a project, newest first");
  const auto made = std::make_shared<ReleasesOptions>();
  releases->add_option("PROJECT", made->project)->required();
  AddLimit(releases, made->limit);
  AddOutput(releases, made->json);
  Bind(registration, releases, made, RunReleases);
  CLI::App* metrics = app.add_subcommand("metrics", "How the metrics of a project went");
  const auto history = std::make_shared<MetricsOptions>();
  metrics->add_option("PROJECT", history->project)->required();
  metrics->add_option("--metric", history->metric, "only this one");
  metrics->add_option("--environment", history->environment, "only what was deployed there");
  AddLimit(metrics, history->limit);
  AddOptionalPath(metrics, "--repo", history->clone, kCloneText);
  AddOutput(metrics, history->json);
  Bind(registration, metrics, history, RunMetrics);
  CLI::App* diff = app.add_subcommand("diff", "What would change if a release went in");
  const auto change = std::make_shared<DiffOptions>();
  diff->add_option("PROJECT", change->project)->required();
  diff->add_option("ENVIRONMENT", change->environment)->required();
  diff->add_option("--release", change->release, "default: the one that would go in next");
  AddOutput(diff, change->json);
  Bind(registration, diff, change, RunDiff);
}

void RegisterHistory(Registration& registration) {
  CLI::App* log = registration.app.add_subcommand("log", "Facts of the deploy log, newest first");
  const auto facts = std::make_shared<LogOptions>();
  log->add_option("--environment", facts->environment, "only this one");
  log->add_option("--project", facts->project, "only this one");
  AddLimit(log, facts->limit);
  AddOptionalPath(log, "--repo", facts->clone, kCloneText);
  AddOutput(log, facts->json);
  Bind(registration, log, facts, RunLog);
  CLI::App* advise =
      registration.app.add_subcommand("advise", "What the log says people could automate");
  const auto advice = std::make_shared<AdviseOptions>();
  advise->add_option("PROJECT", advice->project, "only this one");
  AddOptionalPath(advise, "--repo", advice->clone, kCloneText);
  AddOutput(advise, advice->json);
  Bind(registration, advise, advice, RunAdvise);
  CLI::App* audit = registration.app.add_subcommand("audit", "Proof of the deploy log");
  audit->require_subcommand(1);
  CLI::App* verify = audit->add_subcommand("verify", "Prove or disprove it, from a clone alone");
  const auto proof = std::make_shared<AuditOptions>();
  AddPath(verify, "--repo", proof->clone, "a clone (default: here)", false);
  verify->add_option("--expect", proof->expect, "a commit that must be part of the log");
  verify->add_option(
      "--since", proof->since, "go on after this commit of the log, which is proven");
  AddOptionalPath(verify,
                  "--allowed-signers",
                  proof->allowed_signers,
                  "keys that may sign (default: allowed_signers of main)");
  AddOutput(verify, proof->json);
  AddOptionalPath(verify,
                  "--owners",
                  proof->owners,
                  "whose keys may sign policy: every decision must be by policy they signed");
  Bind(registration, verify, proof, RunAudit);
}

void RegisterRuns(Registration& registration) {
  CLI::App* runs = registration.app.add_subcommand("runs", "Runs of pipelines");
  runs->require_subcommand(1);
  CLI::App* list = runs->add_subcommand("list", "Newest first");
  const auto rows = std::make_shared<RunListOptions>();
  list->add_option("--project", rows->project, "only this one");
  list->add_option("--state", rows->state, "queued, running, succeeded, failed, …");
  AddLimit(list, rows->limit);
  AddOutput(list, rows->json);
  Bind(registration, list, rows, RunRunList);
  CLI::App* show = runs->add_subcommand("show", "One run and its steps");
  const auto one = std::make_shared<RunShowOptions>();
  show->add_option("RUN", one->run)->required();
  AddOutput(show, one->json);
  Bind(registration, show, one, RunRunShow);
  CLI::App* logs = runs->add_subcommand("logs", "What its steps said");
  const auto text = std::make_shared<RunLogsOptions>();
  logs->add_option("RUN", text->run)->required();
  logs->add_option("STEP", text->step, "default: every step that began");
  logs->add_flag("-f,--follow", text->follow, "until the run has ended");
  AddOutput(logs, text->json);
  Bind(registration, logs, text, RunRunLogs);
  CLI::App* cancel = runs->add_subcommand("cancel", "Ask a run to end");
  const auto ended = std::make_shared<RunCancelOptions>();
  cancel->add_option("RUN", ended->run)->required();
  Bind(registration, cancel, ended, RunRunCancel);
}

void RegisterChecks(Registration& registration) {
  CLI::App* checks =
      registration.app.add_subcommand("checks", "What checks of an environment came to");
  const auto asked = std::make_shared<ChecksOptions>();
  checks->add_option("PROJECT", asked->project)->required();
  checks->add_option("ENVIRONMENT", asked->environment)->required();
  checks->add_option("--log", asked->log, "what the check of this name said the last time");
  AddOutput(checks, asked->json);
  Bind(registration, checks, asked, RunChecks);
}

void RegisterDeliveries(Registration& registration) {
  CLI::App* deliveries = registration.app.add_subcommand("deliveries", "What forges sent");
  deliveries->require_subcommand(1);
  CLI::App* list = deliveries->add_subcommand("list", "Newest first");
  const auto rows = std::make_shared<DeliveryListOptions>();
  list->add_option("--source", rows->source, "only this one");
  list->add_option("--status", rows->status, "queued, processing, done, ignored");
  AddLimit(list, rows->limit);
  AddOutput(list, rows->json);
  Bind(registration, list, rows, RunDeliveryList);
  CLI::App* show = deliveries->add_subcommand("show", "One delivery");
  const auto one = std::make_shared<DeliveryShowOptions>();
  show->add_option("DELIVERY", one->delivery)->required();
  AddOutput(show, one->json);
  Bind(registration, show, one, RunDeliveryShow);
  CLI::App* replay = deliveries->add_subcommand("replay", "Work it off once more");
  const auto again = std::make_shared<DeliveryReplayOptions>();
  replay->add_option("DELIVERY", again->delivery)->required();
  Bind(registration, replay, again, RunDeliveryReplay);
}

}  // namespace

void RegisterReadingCommands(Registration& registration) {
  RegisterLadder(registration);
  RegisterHistory(registration);
  RegisterRuns(registration);
  RegisterChecks(registration);
  RegisterDeliveries(registration);
}

}  // namespace failgate
