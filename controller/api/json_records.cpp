#include "controller/api/json.h"
#include "controller/api/json_values.h"
#include "controller/checks/check_job.h"

namespace failgate {
namespace {

using wire::Json;
using wire::Stored;
using wire::TextOrNull;
using wire::TimeOrNull;

template <typename Enum>
Json WordOf(Enum value) {
  return Json(std::string(Word(value)));
}

Json ToJson(const Run& run) {
  return {{"id", run.id.text()},
          {"project", TextOrNull(run.project)},
          {"source", run.source.text()},
          {"ref", TextOrNull(run.ref)},
          {"revision", TextOrNull(run.revision)},
          {"base_revision", TextOrNull(run.base_revision)},
          {"data", TextOrNull(run.data_version)},
          {"trigger", WordOf(run.trigger)},
          {"training", TextOrNull(run.training)},
          {"state", WordOf(run.state)},
          {"reason", TextOrNull(run.reason)},
          {"created", FormatTime(run.created)},
          {"started", TimeOrNull(run.started)},
          {"finished", TimeOrNull(run.finished)},
          {"duration_ms", wire::Duration(run.started, run.finished)},
          {"deliveries", run.deliveries},
          {"requested_by", TextOrNull(run.requested_by)},
          {"again", run.again},
          {"cancel_requested", run.cancel_requested},
          {"release", TextOrNull(run.release)},
          {"release_state", WordOf(run.release_state)},
          {"superseded_by", TextOrNull(run.superseded_by)}};
}

Json ToJson(const StepProgress& progress) {
  Json json = {{"step", nullptr}, {"of", nullptr}, {"metrics", Json::object()}};
  if (progress.step) {
    json["step"] = *progress.step;
  }
  if (progress.of) {
    json["of"] = *progress.of;
  }
  for (const auto& metric : progress.metrics) {
    json["metrics"][metric.first] = metric.second;
  }
  return json;
}

Json ToJson(const Step& step) {
  return {{"name", step.name},
          {"level", step.level},
          {"state", WordOf(step.state)},
          {"attempt", step.attempt},
          {"started", TimeOrNull(step.started)},
          {"finished", TimeOrNull(step.finished)},
          {"duration_ms", wire::Duration(step.started, step.finished)},
          {"exit_code", step.exit_code ? Json(*step.exit_code) : Json(nullptr)},
          {"reason", TextOrNull(step.reason)},
          {"log_bytes", step.log_bytes},
          {"result", Stored(step.result_json)}};
}

Json ToJson(const DeliveryRecord& delivery) {
  Json refs = Json::array();
  for (const RefHint& hint : delivery.refs) {
    refs.push_back({{"ref", hint.ref}, {"deleted", hint.deleted}});
  }
  return {{"id", delivery.id},
          {"source", delivery.source.text()},
          {"provider", delivery.provider},
          {"delivery", TextOrNull(delivery.delivery_id)},
          {"event", TextOrNull(delivery.event_name)},
          {"status", WordOf(delivery.status)},
          {"ignored_because", TextOrNull(delivery.ignored_because)},
          {"refs", std::move(refs)},
          {"received", FormatTime(delivery.received_at)},
          {"finished", TimeOrNull(delivery.finished_at)},
          {"bytes", delivery.body_bytes},
          {"digest", delivery.body_digest},
          {"remote", TextOrNull(delivery.remote_address)},
          {"replays", delivery.replays},
          {"outcome", Stored(delivery.outcome_json)}};
}

Json ToJson(const Deployment& deployment) {
  return {{"id", deployment.id},
          {"project", deployment.project.text()},
          {"environment", deployment.environment.text()},
          {"release", deployment.release.text()},
          {"previous", TextOrNull(deployment.previous)},
          {"spec", TextOrNull(deployment.spec)},
          {"decision", TextOrNull(deployment.decision)},
          {"attempt", deployment.attempt},
          {"state", WordOf(deployment.state)},
          {"reason", TextOrNull(deployment.reason)},
          {"started", FormatTime(deployment.started)},
          {"finished", TimeOrNull(deployment.finished)},
          {"duration_ms", wire::Duration(deployment.started, deployment.finished)},
          {"steps", Stored(deployment.steps_json)}};
}

/// Text of ours that cannot be read shows as a failure without a reason.
Json ToJson(const CheckRecord& check) {
  const auto outcome = check.running || !check.result
                           ? Result<CheckOutcome>(Refusal{"no_outcome", ""})
                           : ParseCheckOutcome(*check.result);
  const bool passed = outcome && outcome->passed;
  const std::optional<TimePoint> finished =
      outcome ? std::optional(outcome->finished) : std::nullopt;
  const TestCounts tests = outcome ? outcome->tests : TestCounts();
  return {{"id", check.row.key},
          {"name", TextOrNull(check.row.name)},
          {"state",
           check.running ? "running"
           : passed      ? "passed"
                         : "failed"},
          {"reason", TextOrNull(outcome ? outcome->reason : std::string())},
          {"started", FormatTime(check.started)},
          {"finished", TimeOrNull(finished)},
          {"duration_ms", wire::Duration(check.started, finished)},
          {"tests",
           {{"passed", tests.passed},
            {"failed", tests.failed},
            {"errors", tests.errors},
            {"skipped", tests.skipped}}},
          {"metrics", outcome ? Json(outcome->metrics) : Json::object()}};
}

Json ToJson(const TokenRecord& token) {
  return {{"id", token.identity.id},
          {"person", FormatPerson(token.identity.person)},
          {"role", WordOf(token.identity.role)},
          {"projects", token.identity.projects},
          {"created", FormatTime(token.created)},
          {"expires", TimeOrNull(token.expires)},
          {"revoked", TimeOrNull(token.revoked)}};
}

Json ToJson(const ReadinessProblem& problem) {
  return {{"part", problem.part}, {"text", problem.text}, {"blocks", problem.blocks}};
}

template <typename List>
Json ArrayOf(const List& rows) {
  Json array = Json::array();
  for (const auto& row : rows) {
    array.push_back(ToJson(row));
  }
  return array;
}

}  // namespace

std::string RunsJson(const std::vector<Run>& runs) {
  return wire::Write(ArrayOf(runs));
}

std::string RunRowJson(const Run& run) {
  return wire::Write(ToJson(run));
}

std::string RunJson(const Run& run,
                    const std::vector<Step>& steps,
                    const std::map<std::string, StepProgress>& progress) {
  Json json = ToJson(run);
  json["steps"] = Json::array();
  for (const Step& step : steps) {
    const auto said = progress.find(step.name);
    Json row = ToJson(step);
    row["progress"] = said == progress.end() ? Json(nullptr) : ToJson(said->second);
    json["steps"].push_back(std::move(row));
  }
  json["plan"] = Stored(run.plan_json);
  json["evidence"] = Stored(run.evidence_json);
  return wire::Write(std::move(json));
}

std::string DeliveriesJson(const std::vector<DeliveryRecord>& deliveries) {
  return wire::Write(ArrayOf(deliveries));
}

std::string DeliveryRowJson(const DeliveryRecord& delivery) {
  return wire::Write(ToJson(delivery));
}

std::string DeliveryJson(const DeliveryRecord& delivery) {
  Json json = ToJson(delivery);
  json["headers"] = Json::array();
  for (const auto& header : delivery.headers) {
    json["headers"].push_back({{"name", header.first}, {"value", header.second}});
  }
  return wire::Write(std::move(json));
}

std::string ChecksJson(const std::vector<CheckRecord>& checks) {
  return wire::Write(ArrayOf(checks));
}

std::string DeploymentsJson(const std::vector<Deployment>& deployments) {
  return wire::Write(ArrayOf(deployments));
}

std::string DeploymentJson(const Deployment& deployment) {
  return wire::Write(ToJson(deployment));
}

std::string RequestJson(const Request& request) {
  Json answer = Stored(request.answer_json);
  if (answer.is_object()) {
    answer.erase("request");
  }
  return wire::Write({{"request", request.id},
                      {"kind", request.kind},
                      {"state", WordOf(request.state)},
                      {"project", request.project.text()},
                      {"environment", TextOrNull(request.environment)},
                      {"release", TextOrNull(request.release)},
                      {"person", wire::PersonOrNull(request.person)},
                      {"created", FormatTime(request.created)},
                      {"finished", TimeOrNull(request.finished)},
                      {"answer", std::move(answer)}});
}

std::string TokensJson(const std::vector<TokenRecord>& tokens) {
  return wire::Write(ArrayOf(tokens));
}

std::string TakenJson(std::string_view what, std::string_view id, std::string_view status) {
  // Names, ids and words of ours: nothing in them is to be escaped or hidden. Every delivery is
  // answered with one of these.
  std::string json;
  json.reserve(what.size() + id.size() + status.size() + 20);
  json.append("{\"").append(what).append("\":\"").append(id);
  json.append("\",\"status\":\"").append(status).append("\"}");
  return json;
}

std::string ReadinessJson(bool ready, const std::vector<ReadinessProblem>& problems) {
  return wire::Write({{"ready", ready}, {"problems", ArrayOf(problems)}});
}

std::string ErrorJson(std::string_view code, std::string_view message) {
  return ErrorJson(code, message, {});
}

std::string ErrorJson(std::string_view code, std::string_view message, std::string_view request) {
  Json error{{"code", std::string(code)}, {"message", std::string(message)}};
  if (!request.empty()) {
    error["request"] = std::string(request);
  }
  return wire::Write({{"error", std::move(error)}});
}

}  // namespace failgate
