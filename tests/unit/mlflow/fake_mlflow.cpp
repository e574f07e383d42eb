#include "tests/unit/mlflow/fake_mlflow.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

ClientResponse Ok(const Json& body) {
  return {200, {}, body.dump()};
}

/// The query of a GET as an object; the few escapes that names and filters need.
Json QueryOf(const std::string& url) {
  Json query = Json::object();
  const std::size_t begin = url.find('?');
  if (begin == std::string::npos) return query;
  for (const std::string& part : Split(url.substr(begin + 1), '&')) {
    const std::size_t equals = part.find('=');
    std::string value;
    for (std::size_t i = equals + 1; i < part.size(); ++i) {
      if (part[i] == '%') {
        value += static_cast<char>(std::stoi(part.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        value += part[i];
      }
    }
    query[part.substr(0, equals)] = value;
  }
  return query;
}

void SetTag(Json& list, const std::string& key, const std::string& value) {
  for (Json& tag : list) {
    if (tag["key"] == key) {
      tag["value"] = value;
      return;
    }
  }
  list.push_back({{"key", key}, {"value", value}});
}

bool HasTag(const Json& list, const std::string& key, const std::string& value) {
  return std::any_of(list.begin(), list.end(), [&](const Json& tag) {
    return tag["key"] == key && (value.empty() || tag["value"] == value);
  });
}

/// Out of "… tags.`KEY` = 'VALUE'" or "tags.`KEY` != ''".
std::pair<std::string, std::string> TagIn(const std::string& filter) {
  const std::size_t key = filter.find('`') + 1;
  const std::size_t end = filter.find('`', key);
  const std::size_t value = filter.find('\'', end) + 1;
  return {filter.substr(key, end - key), filter.substr(value, filter.find('\'', value) - value)};
}

}  // namespace

ReleaseRecord ReleaseOf(int number) {
  ReleaseRecord record;
  record.name = ReleaseName(fmt::format("churn-{}", number));
  record.number = number;
  record.project = ProjectName("churn");
  record.source = SourceName("churn");
  record.source_url = "https://gitlab.example.com/ml/churn.git";
  record.revision = CommitId(std::string(40, static_cast<char>('a' + number % 6)));
  record.ref = "refs/heads/main";
  record.data = "data/train.csv@sha256:9b1d";
  record.created = ParseTime("2026-11-23T09:00:00Z").value();
  record.run = RunId(fmt::format("0193a5f2-0000-7000-8000-{:012}", number));
  record.trigger = "data";
  record.training = "full";
  ArtifactRecord model;
  model.name = "model";
  model.sha256 = std::string(64, static_cast<char>('0' + number % 10));
  model.base_name = "model.joblib";
  model.trained = "full";
  model.origin_run = record.run;
  record.artifacts = {model};
  record.evidence.metrics = {{"auc", 0.8 + number / 100.0}};
  return record;
}

ClientResponse MlflowError(int status, const std::string& code, const std::string& text) {
  return {status, {}, Json{{"error_code", code}, {"message", text}}.dump()};
}

long FakeMlflow::CallsOf(const std::string& call) const {
  return std::count(calls.begin(), calls.end(), call);
}

ClientResponse FakeMlflow::Answer(const ClientRequest& request) {
  constexpr std::string_view kBase = "/api/2.0/mlflow/";
  authorization.clear();
  for (const auto& [name, value] : request.headers) {
    if (name == "Authorization") authorization = value;
  }
  const std::size_t base = request.url.find(kBase);
  const std::string path = base == std::string::npos ? request.url.substr(request.url.rfind('/'))
                                                     : request.url.substr(base + kBase.size());
  const std::string call = request.method + " " + path.substr(0, path.find('?'));
  calls.push_back(call);
  if (instead) {
    if (auto answer = instead(call)) return *answer;
  }
  if (call == "GET /version") return {200, {}, "3.1.0"};
  const Json body = request.method == "GET" ? QueryOf(request.url) : Json::parse(request.body);
  if (call.find("registered-models/alias") != std::string::npos) return Alias(call, body);
  return call.find("model") == std::string::npos ? Tracking(call, body) : Registry(call, body);
}

ClientResponse FakeMlflow::Tracking(const std::string& call, const Json& body) {
  if (call == "GET experiments/get-by-name") {
    const std::string name = body["experiment_name"];
    if (!experiments.contains(name)) {
      return MlflowError(404, "RESOURCE_DOES_NOT_EXIST", "No Experiment with that name");
    }
    return Ok({{"experiment", {{"experiment_id", experiments[name]}}}});
  }
  if (call == "POST experiments/create") {
    const std::string id = std::to_string(experiments.size() + 1);
    experiments[body["name"].get<std::string>()] = id;
    return Ok({{"experiment_id", id}});
  }
  if (call == "POST runs/create") {
    const std::string id = fmt::format("run{}", runs.size() + 1);
    runs.push_back({{"info",
                     {{"run_id", id},
                      {"experiment_id", body["experiment_id"]},
                      {"status", "RUNNING"},
                      {"lifecycle_stage", "active"},
                      {"start_time", body["start_time"]},
                      {"artifact_uri", "mlflow-artifacts:/1/" + id + "/artifacts"}}},
                    {"data", {{"tags", body["tags"]}}}});
    return Ok({{"run", runs.back()}});
  }
  if (call == "POST runs/search") {
    const auto [key, value] = TagIn(body["filter"]);
    Json found = Json::array();
    for (const Json& run : runs) {
      if (HasTag(run["data"]["tags"], key, value)) found.push_back(run);
    }
    return Ok({{"runs", found}});
  }
  for (Json& run : runs) {
    if (run["info"]["run_id"] != body["run_id"]) continue;
    if (call == "POST runs/update") run["info"]["status"] = body["status"];
    if (call == "POST runs/log-batch") {
      for (const Json& metric : body["metrics"]) run["data"]["metrics"].push_back(metric);
    }
    return Ok(Json::object());
  }
  return MlflowError(404, "ENDPOINT_NOT_FOUND", call);
}

/// As a server shows it: aliases as a list, and the newest version of each stage.
nlohmann::json FakeMlflow::Shown(Json model) {
  Json aliases = Json::array();
  for (const auto& [alias, version] : model["aliases"].items()) {
    aliases.push_back({{"alias", alias}, {"version", version}});
  }
  model["aliases"] = aliases;
  std::map<std::string, Json> newest;
  for (const Json& version : model["versions"]) {
    newest[version.value("current_stage", "None")] = version;
  }
  model["latest_versions"] = Json::array();
  for (const auto& entry : newest) model["latest_versions"].push_back(entry.second);
  return model;
}

ClientResponse FakeMlflow::Registry(const std::string& call, const Json& body) {
  if (call == "GET model-versions/search") {
    const std::string filter = body["filter"];
    const std::size_t begin = filter.find('\'') + 1;
    const std::string name = filter.substr(begin, filter.find('\'', begin) - begin);
    const auto [key, value] = TagIn(filter);
    Json found = Json::array();
    for (const Json& version : models[name]["versions"]) {
      if (HasTag(version["tags"], key, value)) found.push_back(version);
    }
    return Ok({{"model_versions", found}});
  }
  const std::string name = body["name"];
  if (call == "POST registered-models/create") {
    models[name] = {{"name", name},
                    {"tags", body["tags"]},
                    {"aliases", Json::object()},
                    {"versions", Json::array()}};
    return Ok({{"registered_model", models[name]}});
  }
  if (models.count(name) == 0) {
    return MlflowError(404, "RESOURCE_DOES_NOT_EXIST", "Registered Model not found");
  }
  Json& model = models[name];
  if (call == "GET registered-models/get") return Ok({{"registered_model", Shown(model)}});
  if (call == "POST registered-models/set-tag") {
    SetTag(model["tags"], body["key"], body["value"]);
    return Ok(Json::object());
  }
  if (call == "DELETE registered-models/delete-tag") {
    Json kept = Json::array();
    for (const Json& tag : model["tags"]) {
      if (tag["key"] != body["key"]) kept.push_back(tag);
    }
    model["tags"] = kept;
    return Ok(Json::object());
  }
  if (call == "POST model-versions/create") {
    Json version = body;
    version["version"] = std::to_string(model["versions"].size() + 1);
    version["status"] = "READY";
    version["current_stage"] = "None";
    model["versions"].push_back(version);
    return Ok({{"model_version", version}});
  }
  if (call == "POST model-versions/set-tag") {
    for (Json& version : model["versions"]) {
      if (version["version"] == body["version"]) {
        SetTag(version["tags"], body["key"], body["value"]);
      }
    }
    return Ok(Json::object());
  }
  return MlflowError(404, "ENDPOINT_NOT_FOUND", call);
}

ClientResponse FakeMlflow::Alias(const std::string& call, const Json& body) {
  const std::string name = body["name"];
  const std::string alias = body["alias"];
  if (models.count(name) == 0) {
    return MlflowError(404, "RESOURCE_DOES_NOT_EXIST", "Registered Model not found");
  }
  Json& aliases = models[name]["aliases"];
  if (call.rfind("POST", 0) == 0) {
    aliases[alias] = body["version"];
    return Ok(Json::object());
  }
  if (call.rfind("DELETE", 0) == 0) {
    aliases.erase(alias);
    return Ok(Json::object());
  }
  if (!aliases.contains(alias)) {
    return missing_alias_is_404 ? MlflowError(404, "RESOURCE_DOES_NOT_EXIST", "Alias not found")
                                : MlflowError(400,
                                              "INVALID_PARAMETER_VALUE",
                                              "Registered model alias " + alias + " not found.");
  }
  for (const Json& version : models[name]["versions"]) {
    if (version["version"] == aliases[alias]) return Ok({{"model_version", version}});
  }
  return MlflowError(404, "RESOURCE_DOES_NOT_EXIST", "Version not found");
}

}  // namespace failgate
