#include "controller/sync/github_deliveries.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "webhooks/repository_url.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxCursorBytes = 200;
constexpr int kMaxRedeliveries = 3;
constexpr Milliseconds kUnderWay = std::chrono::minutes(1);

Refusal OtherShape() {
  return Refusal{"github_answer", "GitHub's API answered something that is not documented"};
}

std::optional<GithubAttempt> ReadAttempt(const Json& json) {
  const auto word = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto id = json.find("id");
  const auto status = json.find("status_code");
  const std::optional<TimePoint> at = ParseTime(word("delivered_at"));
  if (id == json.end() || !id->is_number_integer() || status == json.end() ||
      !status->is_number_integer() || !at || word("guid").empty()) {
    return std::nullopt;
  }
  GithubAttempt attempt;
  attempt.id = id->get<std::int64_t>();
  attempt.guid = word("guid");
  attempt.event = word("event");
  attempt.at = *at;
  const auto code = status->get<std::int64_t>();
  attempt.succeeded = code >= 200 && code < 300;
  const auto redelivery = json.find("redelivery");
  attempt.redelivery =
      redelivery != json.end() && redelivery->is_boolean() && redelivery->get<bool>();
  return attempt;
}

struct Tries {
  GithubAttempt newest;
  int redeliveries = 0;
  bool succeeded = false;
};

}  // namespace

Result<std::vector<GithubAttempt>> ReadGithubAttempts(std::string_view json) {
  const Json list = Json::parse(json, nullptr, false);
  if (!list.is_array()) {
    return OtherShape();
  }
  std::vector<GithubAttempt> attempts;
  for (const Json& each : list) {
    std::optional<GithubAttempt> attempt =
        each.is_object() ? ReadAttempt(each) : std::optional<GithubAttempt>();
    if (!attempt) {
      return OtherShape();
    }
    attempts.push_back(std::move(*attempt));
  }
  return attempts;
}

Result<std::optional<std::int64_t>> FindGithubHook(std::string_view json, std::string_view url) {
  const Json list = Json::parse(json, nullptr, false);
  if (!list.is_array()) {
    return OtherShape();
  }
  for (const Json& hook : list) {
    const auto config = hook.is_object() ? hook.find("config") : hook.end();
    if (!hook.is_object() || config == hook.end() || !config->is_object()) {
      return OtherShape();
    }
    const auto id = hook.find("id");
    const auto target = config->find("url");
    if (target != config->end() && target->is_string() &&
        target->get_ref<const std::string&>() == url && id != hook.end() &&
        id->is_number_integer()) {
      return std::optional<std::int64_t>(id->get<std::int64_t>());
    }
  }
  return std::optional<std::int64_t>();
}

std::optional<std::string> NextGithubCursor(std::string_view link) {
  constexpr std::string_view kCursor = "cursor=";
  const std::size_t relation = link.find("rel=\"next\"");
  if (relation == std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t begin = link.rfind('<', relation);
  const std::size_t at = begin == std::string_view::npos ? begin : link.find(kCursor, begin);
  if (at == std::string_view::npos || at > relation) {
    return std::nullopt;
  }
  const std::string_view rest = link.substr(at + kCursor.size());
  const auto end = std::find_if_not(rest.begin(), rest.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '%' || c == '.' || c == '=';
  });
  std::string cursor(rest.begin(), end);
  if (cursor.empty() || cursor.size() > kMaxCursorBytes) {
    return std::nullopt;
  }
  return cursor;
}

std::vector<std::int64_t> ChooseRedeliveries(const std::vector<GithubAttempt>& attempts,
                                             TimePoint now) {
  std::map<std::string, Tries> by_guid;
  for (const GithubAttempt& attempt : attempts) {
    Tries& tries = by_guid[attempt.guid];
    tries.succeeded = tries.succeeded || attempt.succeeded;
    tries.redeliveries += attempt.redelivery ? 1 : 0;
    if (tries.newest.guid.empty() || attempt.at > tries.newest.at) {
      tries.newest = attempt;
    }
  }
  std::vector<GithubAttempt> failed;
  for (const auto& [guid, tries] : by_guid) {
    const Milliseconds age = std::chrono::duration_cast<Milliseconds>(now - tries.newest.at);
    if (!tries.succeeded && tries.newest.event == "push" && age >= kUnderWay &&
        age < kGithubRedeliveryWindow && tries.redeliveries < kMaxRedeliveries) {
      failed.push_back(tries.newest);
    }
  }
  std::sort(failed.begin(), failed.end(), [](const GithubAttempt& a, const GithubAttempt& b) {
    return std::pair(a.at, a.id) < std::pair(b.at, b.id);
  });
  std::vector<std::int64_t> ids;
  for (const GithubAttempt& attempt : failed) {
    if (ids.size() < kMaxRedeliveriesAtOnce) {
      ids.push_back(attempt.id);
    }
  }
  return ids;
}

std::optional<std::string> GithubApiOf(std::string_view clone_url) {
  const std::optional<RepositoryUrl> url = ParseRepositoryUrl(clone_url);
  if (!url || clone_url.substr(0, 8) != "https://") {
    return std::nullopt;
  }
  if (url->host == "github.com") {
    return "https://api.github.com";
  }
  const std::string port = url->port == 0 ? "" : ":" + std::to_string(url->port);
  return "https://" + url->host + port + "/api/v3";
}

std::optional<std::string> GithubRepositoryOf(std::string_view clone_url) {
  const std::optional<RepositoryUrl> url = ParseRepositoryUrl(clone_url);
  const bool two_parts = url && std::count(url->path.begin(), url->path.end(), '/') == 1;
  const bool plain = two_parts && std::all_of(url->path.begin(), url->path.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
                              c == '/';
                     });
  return plain ? std::optional<std::string>(url->path) : std::nullopt;
}

}  // namespace failgate
