#include <prometheus/text_serializer.h>

#include <sstream>

#include "controller/api/answers.h"
#include "controller/api/hook_handler.h"
#include "controller/api/routes/routes.h"
#include "controller/promotion/ladder_report.h"

namespace failgate {
namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

/// Families in the order they are made; each is filled before the next begins.
class MetricText {
 public:
  void Gauge(const std::string& name, const std::string& help) {
    Begin(name, help, prometheus::MetricType::Gauge);
  }
  void Counter(const std::string& name, const std::string& help) {
    Begin(name, help, prometheus::MetricType::Counter);
  }
  template <typename Number>
  void Value(Number value, Labels labels = {}) {
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = static_cast<double>(value);
    metric.counter.value = static_cast<double>(value);
    families_.back().metric.push_back(std::move(metric));
  }
  [[nodiscard]] std::string Text() const {
    std::ostringstream text;
    prometheus::TextSerializer().Serialize(text, families_);
    return text.str();
  }

 private:
  void Begin(const std::string& name, const std::string& help, prometheus::MetricType type) {
    prometheus::MetricFamily family;
    family.name = name;
    family.help = help;
    family.type = type;
    families_.push_back(std::move(family));
  }
  std::vector<prometheus::MetricFamily> families_;
};

double SecondsSince(TimePoint now, TimePoint then) {
  return static_cast<double>((now - then).count()) / 1000.0;
}

void AddHttp(MetricText& text, const HttpServerStatistics& http) {
  text.Gauge("failgate_http_connections", "Open connections.");
  text.Value(http.connections);
  text.Counter("failgate_http_connections_accepted_total", "Connections accepted.");
  text.Value(http.accepted);
  text.Counter("failgate_http_connections_refused_total", "Connections over a cap.");
  text.Value(http.refused);
  text.Counter("failgate_http_address_refusals_total", "Times one address was at its own cap.");
  text.Value(http.network_refusals);
  text.Counter("failgate_http_answers_total", "Answers by class of status.");
  text.Value(http.answers_2xx, {{"class", "2xx"}});
  text.Value(http.answers_3xx, {{"class", "3xx"}});
  text.Value(http.answers_4xx, {{"class", "4xx"}});
  text.Value(http.answers_5xx, {{"class", "5xx"}});
  text.Counter("failgate_http_timeouts_total", "Requests that were too slow.");
  text.Value(http.timeouts);
  text.Gauge("failgate_http_streams", "Open event streams.");
  text.Value(http.streams);
  text.Counter("failgate_http_streams_dropped_total", "Event streams of clients that fell behind.");
  text.Value(http.streams_dropped);
  text.Gauge("failgate_http_body_bytes", "Memory reserved for request bodies.");
  text.Value(http.body_bytes_reserved);
  text.Counter("failgate_http_body_refusals_total", "Requests refused for want of that memory.");
  text.Value(http.budget_refusals);
}

void AddHooks(MetricText& text, const HookHandler& hooks) {
  text.Counter("failgate_hook_answers_total", "Answers to deliveries, by source and status.");
  for (const auto& [source, answers] : hooks.Answers()) {
    for (const auto& [status, count] : answers) {
      text.Value(count, {{"source", source.text()}, {"status", std::to_string(status)}});
    }
  }
}

void AddInbox(MetricText& text, const InboxStatistics& inbox, TimePoint now) {
  text.Gauge("failgate_deliveries", "Stored deliveries by status.");
  text.Value(inbox.all.queued, {{"status", "queued"}});
  text.Value(inbox.all.processing, {{"status", "processing"}});
  text.Value(inbox.all.done, {{"status", "done"}});
  text.Value(inbox.all.ignored, {{"status", "ignored"}});
  text.Gauge("failgate_deliveries_waiting", "Accepted deliveries that are not durable yet.");
  text.Value(inbox.all.waiting);
  text.Gauge("failgate_deliveries_oldest_queued_seconds", "Age of the oldest queued delivery.");
  text.Value(inbox.oldest_queued ? SecondsSince(now, *inbox.oldest_queued) : 0.0);
  text.Gauge("failgate_deliveries_unindexed", "Durable deliveries that are no rows yet.");
  text.Value(inbox.unindexed);
  text.Gauge("failgate_deliveries_journal_bytes", "The journal of deliveries on disk.");
  text.Value(inbox.journal_bytes);
  text.Gauge("failgate_source_deliveries", "Deliveries of a source that are not done, by status.");
  for (const auto& [source, numbers] : inbox.sources) {
    text.Value(numbers.queued, {{"source", source.text()}, {"status", "queued"}});
    text.Value(numbers.processing, {{"source", source.text()}, {"status", "processing"}});
  }
  text.Gauge("failgate_source_queued_bytes", "Bodies a source has waiting or queued.");
  for (const auto& [source, numbers] : inbox.sources) {
    text.Value(numbers.queued_bytes, {{"source", source.text()}});
  }
}

void AddRuns(MetricText& text, const ApiServices& services) {
  text.Gauge("failgate_runs", "Runs that are not finished, by state.");
  text.Value(services.runs.InState(RunState::kQueued).size(), {{"state", "queued"}});
  text.Value(services.runs.InState(RunState::kRunning).size(), {{"state", "running"}});
  text.Gauge("failgate_releases_owed", "Succeeded runs whose release is not in the log yet.");
  text.Value(services.runs.OwedReleases().size());
  text.Gauge("failgate_deployments", "Deployments that are not finished.");
  text.Value(services.deployments.AllUnfinished().size());
  text.Gauge("failgate_requests", "Wishes of people that are not answered yet.");
  text.Value(services.requests.Open().size());
}

void AddSources(MetricText& text, const ApiServices& services, TimePoint now) {
  const std::map<SourceName, SourceStanding> standings = services.standings();
  text.Gauge("failgate_source_fetched_seconds", "Time since the source's remote last answered.");
  for (const auto& each : standings) {
    if (each.second.fetched) {
      text.Value(SecondsSince(now, *each.second.fetched), {{"source", each.first.text()}});
    }
  }
  text.Gauge("failgate_source_trouble", "1 when the source cannot be fetched now.");
  for (const auto& each : standings) {
    text.Value(each.second.trouble.empty() ? 0 : 1, {{"source", each.first.text()}});
  }
}

void AddWatches(MetricText& text, const ApiServices& services) {
  const std::vector<WatchStatus> all =
      services.watches ? services.watches() : std::vector<WatchStatus>();
  const auto add = [&](const auto& value) {
    for (const WatchStatus& watch : all) {
      text.Value(value(watch), {{"watch", watch.name}});
    }
  };
  text.Gauge("failgate_watch_trouble", "1 when the watched data cannot be looked at now.");
  add([](const WatchStatus& watch) { return watch.error.empty() ? 0 : 1; });
  text.Gauge("failgate_watch_files", "Files of the newest version.");
  add([](const WatchStatus& watch) { return watch.files; });
  text.Counter("failgate_watch_versions_total", "Versions taken.");
  add([](const WatchStatus& watch) { return watch.versions; });
  text.Counter("failgate_watch_taken_files_total", "Files whose bytes were read and kept.");
  add([](const WatchStatus& watch) { return watch.taken_files; });
  text.Counter("failgate_watch_taken_bytes_total", "Bytes of these.");
  add([](const WatchStatus& watch) { return watch.taken_bytes; });
  text.Gauge("failgate_watch_taking_bytes", "Bytes read of the file that is being taken.");
  add([](const WatchStatus& watch) { return watch.taking.empty() ? 0 : watch.taking_done; });
}

void AddPromotion(MetricText& text, const ApiServices& services, TimePoint now) {
  text.Gauge("failgate_promotion_trouble", "1 when promotion does not work now.");
  text.Value(services.trouble().empty() ? 0 : 1);
  text.Gauge(
      "failgate_promotion_stopped",
      "1 when promotion stands still until somebody acts: another instance works on the log, "
      "or history was rewritten.");
  const std::string stopped = services.stopped();
  for (const char* reason : {"fenced", "rewritten"}) {
    text.Value(stopped == reason ? 1 : 0, {{"reason", reason}});
  }
  const auto snapshot = services.snapshot();
  if (snapshot == nullptr) {
    return;
  }
  text.Gauge("failgate_promotion_pass_seconds", "Time since the last pass of promotion.");
  const auto passed = services.last_pass ? services.last_pass() : std::nullopt;
  text.Value(SecondsSince(now, passed.value_or(snapshot->at)));
  long sequence = snapshot->log->controller ? snapshot->log->controller->sequence : 0;
  for (const auto& each : snapshot->log->environments) {
    sequence = std::max(sequence, each.second.state->sequence);
  }
  for (const auto& each : snapshot->log->projects) {
    sequence = std::max(sequence, each.second.state->sequence);
  }
  text.Gauge("failgate_log_sequence", "Sequence of the newest fact of the deploy log.");
  text.Value(sequence);
  text.Gauge("failgate_environment_state", "1 for the state each project has in an environment.");
  for (const StatusRow& row : StatusOf(*snapshot, ProjectName())) {
    text.Value(1,
               {{"project", row.project.text()},
                {"environment", row.environment.text()},
                {"state", row.state}});
  }
}

void AddMlflow(MetricText& text, const ApiServices& services) {
  if (!services.mlflow) return;
  const RecorderStanding standing = services.mlflow();
  text.Gauge("failgate_mlflow_owed", "Releases in the log that MLflow was not told of yet.");
  text.Value(standing.owed);
  text.Gauge("failgate_mlflow_trouble", "1 when MLflow could not be told at the last try.");
  text.Value(standing.trouble.empty() ? 0 : 1);
}

}  // namespace

void AddMetricsRoutes(ApiRoutes& routes, const ApiServices& services, const HookHandler& hooks) {
  ApiRoute route;
  route.method = "GET";
  route.pattern = "/metrics";
  route.access = Access::kMetrics;
  route.function = [&services, &hooks](ApiCall&, Responder& responder) {
    const TimePoint now = services.clock.Now();
    MetricText text;
    AddHttp(text, services.http_statistics());
    AddHooks(text, hooks);
    AddInbox(text, services.inbox.Statistics(), now);
    AddRuns(text, services);
    AddSources(text, services, now);
    AddWatches(text, services);
    AddPromotion(text, services, now);
    AddMlflow(text, services);
    HttpResponse response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = text.Text();
    responder.Send(std::move(response));
  };
  routes.Add(std::move(route));
}

}  // namespace failgate
