// What an installation answers: API, status, log.
#include <fmt/format.h>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = Installation::Json;

bool IsOver(const std::string& state) {
  return state != "queued" && state != "running";
}

}  // namespace

std::optional<ClientResponse> Installation::Fetch(const std::string& path) const {
  ClientRequest request;
  request.url = url() + path;
  request.headers = {{"Authorization", "Bearer " + token("olga")}};
  try {
    return failgate::Fetch(request);
  } catch (const Error&) {
    return std::nullopt;  // nobody answered: that is what callers ask about
  }
}

Json Installation::Get(const std::string& path) const {
  const auto answer = Fetch(path);
  if (!answer || answer->status != 200) return nullptr;
  Json json = Json::parse(answer->body, nullptr, false);
  return json.is_discarded() ? Json(nullptr) : json;
}

Json Installation::Status(const std::string& project, const std::string& environment) const {
  const Json rows = Get("/api/v1/status?project=" + project);
  for (const Json& row : rows) {
    if (row["environment"] == environment) return row;
  }
  return nullptr;
}

Json Installation::RunsOf(const std::string& project, const CommitId& revision) const {
  const Json runs = Get(fmt::format("/api/v1/runs?project={}&limit=200", project));
  Json found = Json::array();
  for (const Json& run : runs) {
    if (run["revision"] == revision.text() && run["trigger"] != "check") found.push_back(run);
  }
  return found;
}

Json Installation::Deliveries() const {
  Json all = Json::array();
  std::string before;
  while (true) {
    const Json page = Get("/api/v1/deliveries?limit=200" +
                          (before.empty() ? std::string() : "&before=" + before));
    if (!page.is_array() || page.empty()) return all;
    for (const Json& delivery : page) all.push_back(delivery);
    before = page.back()["id"].get<std::string>();
  }
}

Json Installation::AwaitRun(const std::string& project, const CommitId& revision) const {
  Json run;
  WaitFor(fmt::format("the run of {} {} ends", project, revision.text()), [&] {
    const Json runs = RunsOf(project, revision);
    if (runs.empty()) return false;
    run = runs.front();
    return IsOver(run["state"]) && (run["state"] != "succeeded" || run["release"].is_string());
  });
  return run;
}

void Installation::AwaitLive(const std::string& project,
                             const std::string& environment,
                             const std::string& release) const {
  WaitFor(fmt::format("{} runs in {}", release, environment), [&] {
    const Json row = Status(project, environment);
    return row.is_object() && row["running"] == release && row["health"] == "healthy";
  });
}

void Installation::TakeToProd(const std::string& project, const std::string& release) const {
  for (const auto& [person, verb] :
       {std::pair("dana", "promote"), {"alice", "approve"}, {"bob", "approve"}}) {
    const CommandResult result = Cli({verb, release, "prod"}, person);
    if (result.exit_code != 0) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("{} {}: {}{}", verb, release, result.out, result.err));
    }
  }
  AwaitLive(project, "prod", release);
}

std::filesystem::path Installation::CloneOperations(const std::string& name) const {
  const std::filesystem::path clone = folder_ / name;
  RemoveTree(clone);
  Git(folder_, {"clone", "-q", origin("operations").string(), clone.string()});
  return clone;
}

std::vector<std::string> Installation::Facts(const std::string& path) const {
  std::vector<std::string> arguments = {
      "log", "--reverse", "--format=%(trailers:key=Fact,valueonly,separator=)", "deploy-log"};
  if (!path.empty()) {
    arguments.emplace_back("--");
    arguments.push_back(path);
  }
  return Split(Git(origin("operations"), arguments), '\n');
}

}  // namespace failgate
