#include "controller/api/json.h"

#include "controller/api/json_values.h"
#include "controller/release/release_record.h"

namespace failgate {
namespace {

using wire::Json;
using wire::TextOrNull;
using wire::TimeOrNull;

Json ToJson(const StatusRow& row) {
  Json json = {{"project", row.project.text()},
               {"environment", row.environment.text()},
               {"wanted", TextOrNull(row.wanted)},
               {"decided", TextOrNull(row.decided)},
               {"running", TextOrNull(row.running)},
               {"health", TextOrNull(row.health)},
               {"drift", TextOrNull(row.drift)},
               {"state", TextOrNull(row.state)},
               {"since", TimeOrNull(row.since)},
               {"text", TextOrNull(row.text)}};
  if (!row.notice.empty()) {
    json["notice"] = row.notice;
  }
  return json;
}

Json ToJson(const Problem& problem) {
  return {{"file", problem.file},
          {"line", problem.line},
          {"column", problem.column},
          {"text", problem.text}};
}

Json ToJson(const Problems& problems) {
  Json array = Json::array();
  for (const Problem& problem : problems) {
    array.push_back(ToJson(problem));
  }
  return array;
}

Json ToJson(const GateVerdict& verdict) {
  return {{"gate", verdict.gate},
          {"mode", Word(verdict.mode)},
          {"verdict", Word(verdict.verdict)},
          {"reason", verdict.reason},
          {"until", TimeOrNull(verdict.until)}};
}

Json ToJson(const ArtifactRecord& artifact, const ReleaseName& release) {
  const bool own = artifact.origin_release.empty();
  return {{"name", artifact.name},
          {"sha256", artifact.sha256},
          {"size", artifact.size},
          {"kind", std::string(ToText(artifact.kind))},
          {"format", TextOrNull(artifact.format)},
          {"trained", TextOrNull(artifact.trained)},
          {"from", own ? release.text() : artifact.origin_release.text()}};
}

Json ToJson(const ReleaseRow& row) {
  const ReleaseRecord& record = row.record;
  Json artifacts = Json::array();
  for (const ArtifactRecord& artifact : record.artifacts) {
    artifacts.push_back(ToJson(artifact, record.name));
  }
  return {{"name", record.name.text()},
          {"number", record.number},
          {"revision", record.revision.text()},
          {"data", TextOrNull(record.data)},
          {"created", FormatTime(record.created)},
          {"artifacts", std::move(artifacts)},
          {"environments", wire::Names(row.environments)}};
}

Json ToJson(const Advice& advice) {
  return {{"project", advice.project.text()},
          {"environment", advice.environment.text()},
          {"kind", advice.kind},
          {"text", advice.text},
          {"count", advice.count},
          {"median_ms", advice.median ? Json(advice.median->count()) : Json(nullptr)}};
}

Json ToJson(const Change& change) {
  return {{"from", TextOrNull(change.from)}, {"to", TextOrNull(change.to)}};
}

Json ToJson(const LogEntry& entry) {
  const Fact& fact = entry.written.fact;
  Json trailers = Json::array();
  for (const Trailer& trailer : fact.trailers) {
    trailers.push_back({{"key", trailer.first}, {"value", trailer.second}});
  }
  return {{"commit", entry.commit.text()},
          {"sequence", entry.written.sequence},
          {"fact", FactWord(fact.kind)},
          {"at", FormatTime(fact.at)},
          {"subject", fact.subject},
          {"project", TextOrNull(fact.project)},
          {"environment", TextOrNull(fact.environment)},
          {"release", TextOrNull(fact.release)},
          {"trailers", std::move(trailers)}};
}

Json ToJson(const ProjectRow& row) {
  return {{"project", row.project.text()},
          {"source", TextOrNull(row.source)},
          {"environments", wire::Names(row.environments)},
          {"releases", row.releases}};
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

std::string StatusJson(const std::vector<StatusRow>& rows) {
  return wire::Write(ArrayOf(rows));
}

std::string StatusRowJson(const StatusRow& row) {
  return wire::Write(ToJson(row));
}

std::string WhyJson(const WhyAnswer& answer) {
  return wire::Write({{"project", answer.project.text()},
                      {"environment", answer.environment.text()},
                      {"release", TextOrNull(answer.release)},
                      {"state", TextOrNull(answer.state)},
                      {"text", TextOrNull(answer.text)},
                      {"gates", ArrayOf(answer.gates)},
                      {"next", Json(answer.next)},
                      {"problems", ToJson(answer.problems)}});
}

std::string AdviceJson(const std::vector<Advice>& all) {
  return wire::Write(ArrayOf(all));
}

std::string ReleasesJson(const std::vector<ReleaseRow>& rows) {
  return wire::Write(ArrayOf(rows));
}

std::string ReleaseJson(const ReleaseRow& row) {
  const ReleaseRecord& record = row.record;
  Json json = ToJson(row);
  json["project"] = record.project.text();
  json["source"] = record.source.text();
  json["source_url"] = record.source_url;
  json["ref"] = record.ref;
  json["run"] = TextOrNull(record.run);
  json["trigger"] = TextOrNull(record.trigger);
  json["training"] = TextOrNull(record.training);
  json["delivery"] = TextOrNull(record.delivery);
  json["previous"] = TextOrNull(record.previous);
  json["record"] = ReleaseRecordDigest(record);
  json["authors"] = Json::array();
  for (const Person& author : record.authors) {
    json["authors"].push_back(FormatPerson(author));
  }
  // The record's own words, so that API and `git show` never disagree.
  json["evidence"] = Json::parse(ReleaseRecordToJson(record)).value("evidence", Json());
  return wire::Write(std::move(json));
}

std::string DiffJson(const ReleaseDiff& diff) {
  Json artifacts = Json::array();
  for (const ArtifactChange& artifact : diff.artifacts) {
    artifacts.push_back({{"name", artifact.name},
                         {"change", artifact.change},
                         {"from", TextOrNull(artifact.sha256.from)},
                         {"to", TextOrNull(artifact.sha256.to)}});
  }
  return wire::Write({{"project", diff.project.text()},
                      {"environment", diff.environment.text()},
                      {"from", TextOrNull(diff.from)},
                      {"to", TextOrNull(diff.to)},
                      {"same", diff.same()},
                      {"revision", ToJson(diff.revision)},
                      {"data", ToJson(diff.data)},
                      {"deploy", ToJson(diff.deploy)},
                      {"policy", ToJson(diff.policy)},
                      {"artifacts", std::move(artifacts)}});
}

std::string LogJson(const std::vector<LogEntry>& entries) {
  return wire::Write(ArrayOf(entries));
}

std::string DecisionsJson(const std::vector<LogEntry>& entries) {
  Json array = Json::array();
  for (const LogEntry& entry : entries) {
    const Fact& fact = entry.written.fact;
    array.push_back({{"decision", entry.written.Value("Decision").value_or("")},
                     {"project", fact.project.text()},
                     {"environment", fact.environment.text()},
                     {"release", fact.release.text()},
                     {"outcome", entry.written.Value("Result").value_or("")},
                     {"at", FormatTime(fact.at)},
                     {"sequence", entry.written.sequence},
                     {"commit", entry.commit.text()}});
  }
  return wire::Write(std::move(array));
}

std::string LogEntryJson(const LogEntry& entry) {
  return wire::Write(ToJson(entry));
}

std::string ProjectsJson(const std::vector<ProjectRow>& rows) {
  return wire::Write(ArrayOf(rows));
}

std::string ProjectJson(const ProjectRow& row) {
  return wire::Write(ToJson(row));
}

std::string EnvironmentsJson(const OperationsView& view) {
  Json array = Json::array();
  for (const EnvironmentName& name : view.ladder.order) {
    const auto environment = view.environments.find(name);
    if (environment == view.environments.end()) {
      continue;
    }
    const Policy& floor = environment->second.floor;
    array.push_back({{"name", name.text()},
                     {"after", floor.after ? Json(floor.after->text()) : Json(nullptr)},
                     {"policy", Word(floor.last_step)},
                     {"problems", ToJson(environment->second.problems)}});
  }
  return wire::Write(std::move(array));
}

std::string SourcesJson(const std::vector<SourceRow>& rows) {
  Json array = Json::array();
  for (const SourceRow& row : rows) {
    Json source = {{"name", row.name.text()},
                   {"kind", row.kind},
                   {"url", row.url},
                   {"projects", wire::Names(row.projects)},
                   {"provider", TextOrNull(row.provider)},
                   {"poll", FormatDuration(row.poll)},
                   {"fetched", TimeOrNull(row.fetched)},
                   {"trouble", TextOrNull(row.trouble)}};
    source["tags"] = row.kind == "image" ? Json(Json::array()) : Json(nullptr);
    for (const ImageTag& tag : row.tags) {
      source["tags"].push_back(
          {{"tag", tag.tag}, {"digest", tag.digest}, {"since", TimeOrNull(tag.since)}});
    }
    array.push_back(std::move(source));
  }
  return wire::Write(std::move(array));
}

std::string WatchesJson(const std::vector<WatchRow>& rows) {
  Json array = Json::array();
  for (const WatchRow& row : rows) {
    const WatchStatus& status = row.status;
    Json watch = {{"name", row.settings.name},
                  {"kind", row.settings.kind == WatchKind::kDelta ? "delta" : "files"},
                  {"path", row.settings.path.string()},
                  {"projects", wire::Names(row.settings.projects)},
                  {"version", TextOrNull(status.version)},
                  {"files", status.files},
                  {"trouble", TextOrNull(status.error)},
                  {"taking", nullptr}};
    if (!status.taking.empty()) {
      watch["taking"] = {
          {"file", status.taking}, {"bytes", status.taking_done}, {"of", status.taking_size}};
    }
    array.push_back(std::move(watch));
  }
  return wire::Write(std::move(array));
}

}  // namespace failgate
