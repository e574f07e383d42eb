#include "controller/daemon/demo_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/http/http_client.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr Milliseconds kEvery{100};
constexpr std::chrono::seconds kPatience{120};
constexpr int kOk = 200;

std::string Text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

long long Number(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<long long>() : 0;
}

/// An answer that is no JSON is an empty list: it is asked for again.
Json Parse(const std::string& body) {
  Json parsed = Json::parse(body, nullptr, false);
  return parsed.is_discarded() ? Json::array() : parsed;
}

void Pause(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, kEvery, [] { return false; });
}

bool HasEnded(const std::string& run_state) {
  return run_state != "queued" && run_state != "running" && !run_state.empty();
}

}  // namespace

DemoWatch::DemoWatch(const DemoController& controller, Secret token, std::stop_token stop)
    : controller_(controller), token_(std::move(token)), stop_(std::move(stop)) {}

void DemoWatch::AwaitReady() const {
  Await("the controller is ready",
        [this](std::string& seen) { return Get("/readyz", seen).has_value(); });
}

DemoRun DemoWatch::AwaitRun(const CommitId& revision) const {
  DemoRun ended;
  Await(fmt::format("the run of revision {} ends", revision.text().substr(0, 10)),
        [&](std::string& seen) {
          const auto body = Get("/api/v1/runs?project=churn&limit=50", seen);
          if (!body) return false;
          seen = "no run of it";
          for (const Json& run : Parse(*body)) {
            if (Text(run, "revision") != revision.text() || Text(run, "trigger") == "check") {
              continue;
            }
            ended = {Text(run, "id"), Text(run, "state"), Text(run, "release")};
            seen = fmt::format("run {} is {}", ended.id, ended.state);
            return HasEnded(ended.state) && (ended.state != "succeeded" || !ended.release.empty());
          }
          return false;
        });
  return ended;
}

void DemoWatch::AwaitLive(const std::string& environment, const std::string& release) const {
  Await(fmt::format("{} runs {}, healthy", environment, release), [&](std::string& seen) {
    const auto body = Get("/api/v1/status?project=churn", seen);
    if (!body) return false;
    for (const Json& row : Parse(*body)) {
      if (Text(row, "environment") != environment) continue;
      seen = row.dump();
      return Text(row, "running") == release && Text(row, "health") == "healthy";
    }
    return false;
  });
}

void DemoWatch::AwaitVerdict(const std::string& environment,
                             const std::string& release,
                             const DemoVerdict& expected) const {
  const std::string path = fmt::format("/api/v1/projects/churn/environments/{}/why", environment);
  Await(fmt::format("{} is {}: gate {} says {} to {}",
                    environment,
                    expected.state,
                    expected.gate,
                    expected.verdict,
                    release),
        [&](std::string& seen) {
          const auto body = Get(path, seen);
          if (!body) return false;
          seen = *body;
          const Json why = Parse(*body);
          if (!why.is_object() || Text(why, "release") != release ||
              Text(why, "state") != expected.state) {
            return false;
          }
          for (const Json& each : why.value("gates", Json::array())) {
            if (Text(each, "gate") == expected.gate) {
              return Text(each, "verdict") == expected.verdict;
            }
          }
          return false;
        });
}

void DemoWatch::AwaitFact(const std::string& environment,
                          const std::string& fact,
                          long long after) const {
  const std::string path = fmt::format("/api/v1/log?environment={}&limit=20", environment);
  Await(fmt::format("the log says '{}' of {}", fact, environment), [&](std::string& seen) {
    const auto body = Get(path, seen);
    if (!body) return false;
    for (const Json& entry : Parse(*body)) {
      if (Number(entry, "sequence") <= after) continue;
      seen = Text(entry, "subject");
      if (Text(entry, "fact") == fact) return true;
    }
    return false;
  });
}

long long DemoWatch::NewestFact(const std::string& environment) const {
  long long newest = 0;
  Await(fmt::format("the log of {} can be read", environment), [&](std::string& seen) {
    const auto body = Get(fmt::format("/api/v1/log?environment={}&limit=1", environment), seen);
    if (!body) return false;
    for (const Json& entry : Parse(*body)) newest = std::max(newest, Number(entry, "sequence"));
    return true;
  });
  return newest;
}

std::size_t DemoWatch::Releases() const {
  std::size_t releases = 0;
  Await("the releases can be read", [&](std::string& seen) {
    const auto body = Get("/api/v1/projects/churn/releases?limit=50", seen);
    if (!body) return false;
    releases = Parse(*body).size();
    return true;
  });
  return releases;
}

void DemoWatch::Await(const std::string& expected, const Look& look) const {
  const SteadyTime deadline = SystemClock().Steady() + kPatience;
  std::string seen = "nothing";
  while (!look(seen)) {
    if (stop_.stop_requested()) throw Error(Remedy::kRetry, "stopped");
    const bool over = SystemClock().Steady() > deadline;
    if (over || controller_.Ended()) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("expected: {}; seen last: {}{}",
                              expected,
                              OneLine(seen),
                              over ? "" : "; the controller has ended"));
    }
    Pause(stop_);
  }
}

std::optional<std::string> DemoWatch::Get(const std::string& path, std::string& seen) const {
  ClientRequest request;
  request.url = controller_.url() + path;
  request.headers = {{"Authorization", "Bearer " + token_.Reveal()}};
  try {
    const ClientResponse response = Fetch(request);
    if (response.status == kOk) return response.body;
    seen = fmt::format("GET {} answered {} {}", path, response.status, OneLine(response.body));
  } catch (const Error& error) {
    // It may be busy; the wait decides when that is too long.
    seen = error.what();
  }
  return std::nullopt;
}

}  // namespace failgate
