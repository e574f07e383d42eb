#include "tests/support/fake_sonar.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/base/digest.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

using nlohmann::json;

HttpResponse Answer(int status, const json& body) {
  HttpResponse response;
  response.status = status;
  response.body = body.dump();
  return response;
}

HttpResponse Wrong(int status, const std::string& text) {
  return Answer(status, {{"errors", json::array({{{"msg", text}}})}});
}

std::string Decoded(const std::string& text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      decoded += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

std::string Parameter(std::string_view query, const std::string& name) {
  for (const std::string& each : Split(query, '&')) {
    if (each.rfind(name + "=", 0) == 0) return Decoded(each.substr(name.size() + 1));
  }
  return {};
}

}  // namespace

FakeSonar::FakeSonar(std::string token)
    : token_(std::move(token)), server_(HttpServerOptions{}, *this) {
  server_.Start();
}

FakeSonar::~FakeSonar() {
  server_.Stop();
}

std::string FakeSonar::Analyse(const std::string& project,
                               const std::string& revision,
                               const std::string& status,
                               const std::string& conditions) {
  auto state = state_.Lock();
  const std::string key = fmt::format("AXk{:017}", state->analyses.size() + 1);
  state->analyses.insert(state->analyses.begin(),
                         Analysis{key, project, revision, status, conditions});
  return key;
}

void FakeSonar::Turn(const std::string& analysis,
                     const std::string& status,
                     const std::string& conditions) {
  auto state = state_.Lock();
  for (Analysis& each : state->analyses) {
    if (each.key != analysis) continue;
    each.status = status;
    each.conditions = conditions;
  }
}

void FakeSonar::Break(int status, std::string body) {
  auto state = state_.Lock();
  state->broken = status;
  state->broken_body = std::move(body);
}

std::vector<std::string> FakeSonar::TakeAsked() {
  return std::exchange(state_.Lock()->asked, {});
}

std::string FakeSonar::url() const {
  return "http://127.0.0.1:" + std::to_string(server_.port());
}

Admission FakeSonar::Admit(const RequestHead&) {
  return Admission::Accept(1000);
}

HttpResponse FakeSonar::Search(const State& state, std::string_view query) {
  const std::string project = Parameter(query, "project");
  const auto page = static_cast<std::size_t>(std::stoul(Parameter(query, "p")));
  const auto size = static_cast<std::size_t>(std::stoul(Parameter(query, "ps")));
  json all = json::array();
  for (const Analysis& each : state.analyses) {
    if (each.project != project) continue;
    all.push_back({{"key", each.key},
                   {"date", "2026-11-23T10:00:00+0100"},
                   {"events", json::array()},
                   {"projectVersion", "not provided"},
                   {"manualNewCodePeriodBaseline", false},
                   {"revision", each.revision}});
  }
  if (all.empty()) return Wrong(404, "Component key '" + project + "' not found");
  json shown = json::array();
  for (std::size_t i = (page - 1) * size; i < all.size() && i < page * size; ++i) {
    shown.push_back(all[i]);
  }
  return Answer(200,
                {{"paging", {{"pageIndex", page}, {"pageSize", size}, {"total", all.size()}}},
                 {"analyses", std::move(shown)}});
}

HttpResponse FakeSonar::Status(const State& state, std::string_view query) {
  const std::string key = Parameter(query, "analysisId");
  for (const Analysis& each : state.analyses) {
    if (each.key != key) continue;
    return Answer(200,
                  {{"projectStatus",
                    {{"status", each.status},
                     {"conditions", json::parse(each.conditions)},
                     {"periods", json::array()},
                     {"ignoredConditions", false},
                     {"caycStatus", "compliant"}}}});
  }
  return Wrong(404, "Analysis with id '" + key + "' is not found");
}

void FakeSonar::Handle(HttpRequest request, Responder responder) {
  HttpResponse response;
  {
    auto state = state_.Lock();
    state->asked.push_back(request.path + (request.query.empty() ? "" : "?" + request.query));
    const bool known =
        std::any_of(request.headers.begin(), request.headers.end(), [this](const auto& header) {
          return header.first == "Authorization" && header.second == "Bearer " + token_;
        });
    if (!known) {
      response = Wrong(401, "Unauthorized");
    } else if (state->broken != 0) {
      response.status = state->broken;
      response.body = state->broken_body;
    } else if (request.path == "/api/project_analyses/search") {
      response = Search(*state, request.query);
    } else if (request.path == "/api/qualitygates/project_status") {
      response = Status(*state, request.query);
    } else {
      response = Wrong(404, "Unknown url : " + request.path);
    }
  }
  responder.Send(std::move(response));
}

SonarHook MakeSonarHook(const std::string& secret,
                        const std::string& project,
                        const std::string& revision,
                        const std::string& task,
                        const std::string& quality_gate) {
  const json body = {
      {"serverUrl", "http://169.254.169.254/sonar"},  // nobody may ask there
      {"taskId", task},
      {"status", "SUCCESS"},
      {"analysedAt", "2026-11-23T10:00:00+0100"},
      {"changedAt", "2026-11-23T10:00:00+0100"},
      {"revision", revision},
      {"project", {{"key", project}, {"name", project}, {"url", "http://169.254.169.254/"}}},
      {"branch", {{"name", "main"}, {"type", "BRANCH"}, {"isMain", true}}},
      {"qualityGate",
       {{"name", "Sonar way"}, {"status", quality_gate}, {"conditions", json::array()}}},
      {"properties", json::object()}};
  SonarHook hook;
  hook.body = body.dump();
  hook.signature = HexEncode(HmacSha256(secret, hook.body));
  return hook;
}

}  // namespace failgate
