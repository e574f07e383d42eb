#include "controller/sync/github_redelivery.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/http/http_client.h"
#include "controller/sync/github_deliveries.h"

namespace failgate {
namespace {

constexpr int kPageItems = 100;
constexpr int kMaxPages = 20;
// Looks overlap, for a delivery under way at the last one.
constexpr Milliseconds kOverlap = std::chrono::minutes(10);

/// An answer that says "not this token", "not here" or "no such hook": asking again does not help.
bool IsRefusal(int status) {
  return status == 401 || status == 403 || status == 404;
}

}  // namespace

std::optional<GithubRedelivery::Target> GithubRedelivery::TargetOf(
    const std::string& name,
    const std::string& clone_url,
    const RemoteCredentials& credentials,
    const std::optional<std::filesystem::path>& ca,
    const std::optional<WebhookSettings>& webhook,
    const std::string& public_url) {
  if (!webhook || webhook->provider != "github" || !credentials.token || public_url.empty()) {
    return std::nullopt;
  }
  const std::optional<std::string> api =
      webhook->api.empty() ? GithubApiOf(clone_url) : std::optional<std::string>(webhook->api);
  const std::optional<std::string> repository = GithubRepositoryOf(clone_url);
  if (!api || !repository) {
    return std::nullopt;
  }
  return Target{name,
                *api,
                *repository,
                public_url + "/hooks/" + name,
                *credentials.token,
                ca.value_or(std::filesystem::path())};
}

GithubRedelivery::Answer GithubRedelivery::Ask(const std::string& method,
                                               const std::string& path) const {
  const Result<Secret> token = ReadSecret(target_.token, environment_);
  if (!token) {
    throw Error(Remedy::kNeedsChange, "asking GitHub for failed deliveries: " + token.error().text);
  }
  ClientRequest request;
  request.method = method;
  request.url = target_.api + "/repos/" + target_.repository + "/hooks" + path;
  request.headers = {{"Accept", "application/vnd.github+json"},
                     {"Authorization", "Bearer " + token->Reveal()},
                     {"User-Agent", "failgate"},
                     {"X-GitHub-Api-Version", "2022-11-28"}};
  request.timeout = std::chrono::seconds(10);  // the end of the program waits for it
  request.ca_file = target_.ca;
  ClientResponse response = Fetch(request);
  return Answer{
      response.status, std::move(response.body), response.Header("Link").value_or(std::string())};
}

bool GithubRedelivery::MayAsk(const Answer& answer) {
  if (answer.status == 200) {
    told_ = false;
    return true;
  }
  if (!IsRefusal(answer.status)) {
    throw Error(Remedy::kRetry,
                fmt::format("asking GitHub for failed deliveries of {}: it answered {}",
                            target_.repository,
                            answer.status));
  }
  if (!std::exchange(told_, true)) {
    log::Info("GitHub does not show its deliveries to this token; polling fills the gaps",
              {{"source", target_.name},
               {"status", std::to_string(answer.status)},
               {"remedy", "let the token read and write the repository's webhooks"}});
  }
  hook_.reset();
  return false;
}

std::optional<long long> GithubRedelivery::FindHook() {
  const Answer answer = Ask("GET", fmt::format("?per_page={}", kPageItems));
  if (!MayAsk(answer)) {
    return std::nullopt;
  }
  const auto hook = FindGithubHook(answer.body, target_.hook_url);
  if (!hook) {
    throw Error(Remedy::kRetry, hook.error().text);
  }
  if (!*hook && !std::exchange(told_, true)) {
    log::Info("no webhook of the repository sends to this controller; polling finds its pushes",
              {{"source", target_.name}, {"url", target_.hook_url}});
  }
  return *hook;
}

int GithubRedelivery::Step() {
  const TimePoint now = clock_.Now();
  if (!hook_) {
    hook_ = FindHook();
  }
  if (!hook_) {
    return 0;
  }
  const TimePoint since = looked_at_ ? *looked_at_ - kOverlap : now - kGithubRedeliveryWindow;
  const std::string path = fmt::format("/{}/deliveries", *hook_);
  std::vector<GithubAttempt> attempts;
  std::optional<std::string> cursor;
  for (int page = 0; page < kMaxPages; ++page) {
    const Answer answer = Ask(
        "GET",
        fmt::format(
            "{}?per_page={}{}", path, kPageItems, cursor ? "&cursor=" + *cursor : std::string()));
    if (!MayAsk(answer)) {
      return 0;
    }
    auto read = ReadGithubAttempts(answer.body);
    if (!read) {
      throw Error(Remedy::kRetry, read.error().text);
    }
    const bool reached = !read->empty() && read->back().at < since;
    attempts.insert(attempts.end(), read->begin(), read->end());
    cursor = NextGithubCursor(answer.link);
    if (reached || !cursor) {
      break;
    }
  }
  int asked = 0;
  for (const long long id : ChooseRedeliveries(attempts, now)) {
    const Answer answer = Ask("POST", fmt::format("{}/{}/attempts", path, id));
    if (answer.status != 202) {
      throw Error(Remedy::kRetry,
                  fmt::format("asking GitHub to send a delivery of {} again: it answered {}",
                              target_.repository,
                              answer.status));
    }
    ++asked;
  }
  if (asked > 0) {
    log::Info("GitHub was asked to send again what failed",
              {{"source", target_.name}, {"deliveries", std::to_string(asked)}});
  }
  looked_at_ = now;
  return asked;
}

}  // namespace failgate
