#include "controller/registry/registry_client.h"

#include <fmt/format.h>

#include <utility>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/http/http_client.h"
#include "controller/registry/registry_answers.h"

namespace failgate {
namespace {

constexpr int kPageTags = 100;
constexpr int kMaxPages = 100;
constexpr std::size_t kMaxAnswer = std::size_t{1} << 20U;
constexpr const char* kManifestTypes =
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json";

std::string BaseOf(const ImageName& image) {
  // The name people write for it is not where it answers.
  const std::string host =
      image.registry == "docker.io" ? std::string("registry-1.docker.io") : image.registry;
  return (IsLoopbackHost(host) ? "http://" : "https://") + host + "/v2/" + image.repository;
}

ClientRequest RequestTo(const std::string& url, const ImageSourceSettings& source) {
  ClientRequest request;
  request.url = url;
  request.headers = {{"User-Agent", "failgate"}};
  request.timeout = std::chrono::seconds(10);  // the end of the program waits for it
  request.max_response_bytes = kMaxAnswer;
  request.ca_file = source.ca.value_or(std::filesystem::path());
  return request;
}

}  // namespace

RegistryClient::RegistryClient(const ImageSourceSettings& source,
                               const EnvironmentLookup& environment)
    : source_(source), environment_(environment), base_(BaseOf(source.image)) {}

std::string RegistryClient::Read(const SecretReference& secret) const {
  Result<Secret> read = ReadSecret(secret, environment_);
  if (!read) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("asking for {}: {}", source_.image.text(), read.error().text));
  }
  return read->Reveal();
}

std::string RegistryClient::Basic() const {
  const ImageCredentials& credentials = source_.credentials;
  return credentials.password
             ? "Basic " + Base64Encode(credentials.username + ":" + Read(*credentials.password))
             : std::string();
}

std::string RegistryClient::Wrong(const std::string& asked, int status) const {
  return fmt::format(
      "asking for {} of {}: the registry answered {}", asked, source_.image.text(), status);
}

RegistryClient::Answer RegistryClient::AskOnce(const std::string& method,
                                               const std::string& path) const {
  ClientRequest request = RequestTo(base_ + path, source_);
  request.method = method;
  request.headers.emplace_back("Accept", method == "HEAD" ? kManifestTypes : "application/json");
  if (!authorization_.empty()) {
    request.headers.emplace_back("Authorization", authorization_);
  }
  ClientResponse response = Fetch(request);
  const auto header = [&](const char* name) {
    return response.Header(name).value_or(std::string());
  };
  Answer answer;
  answer.status = response.status;
  answer.link = header("Link");
  answer.digest = header("Docker-Content-Digest");
  answer.challenge = header("WWW-Authenticate");
  answer.body = std::move(response.body);
  return answer;
}

RegistryClient::Answer RegistryClient::Ask(const std::string& method, const std::string& path) {
  if (authorization_.empty() && source_.credentials.token) {
    authorization_ = "Bearer " + Read(*source_.credentials.token);
  }
  Answer answer = AskOnce(method, path);
  if (answer.status == 401 && !source_.credentials.token) {
    // None was sent, or the token went stale.
    authorization_ = Authorize(answer.challenge);
    answer = AskOnce(method, path);
  }
  if (answer.status == 401 || answer.status == 403) {
    throw Error(Remedy::kNeedsChange,
                Wrong("tags", answer.status) + ": the credentials may not pull it");
  }
  return answer;
}

std::string RegistryClient::Authorize(const std::string& challenge) const {
  const auto read = ReadChallenge(challenge);
  if (!read) {
    throw Error(Remedy::kNeedsChange,
                Wrong("tags", 401) + " and names no way to authenticate that is known here");
  }
  if (read->scheme == RegistryChallenge::Scheme::kBasic) {
    std::string basic = Basic();
    if (basic.empty()) {
      throw Error(Remedy::kNeedsChange, Wrong("tags", 401) + ": write credentials for it");
    }
    return basic;
  }
  const auto url =
      TokenUrl(*read, source_.image.registry, source_.image.repository, source_.token_hosts);
  if (!url) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("asking for {}: {}", source_.image.text(), url.error().text));
  }
  return "Bearer " + FetchToken(*url);
}

std::string RegistryClient::FetchToken(const std::string& url) const {
  ClientRequest request = RequestTo(url, source_);
  if (const std::string basic = Basic(); !basic.empty()) {
    request.headers.emplace_back("Authorization", basic);
  }
  const ClientResponse response = Fetch(request);
  if (response.status != 200) {
    throw Error(
        response.status == 401 || response.status == 403 ? Remedy::kNeedsChange : Remedy::kRetry,
        fmt::format(
            "asking for a token for {}: the answer was {}", source_.image.text(), response.status));
  }
  auto token = ReadRegistryToken(response.body);
  if (!token) {
    throw Error(
        Remedy::kRetry,
        fmt::format("asking for a token for {}: the answer holds none", source_.image.text()));
  }
  return *std::move(token);
}

std::vector<std::string> RegistryClient::Tags(const std::stop_token& stop) {
  std::vector<std::string> tags;
  std::string last;
  for (int page = 0; page < kMaxPages; ++page) {
    if (stop.stop_requested()) {
      throw Error(Remedy::kRetry, "asking for tags was ended");
    }
    const Answer answer = Ask(
        "GET", fmt::format("/tags/list?n={}{}", kPageTags, last.empty() ? "" : "&last=" + last));
    if (answer.status == 404) {
      return tags;
    }
    const auto read = answer.status == 200 ? ReadTagList(answer.body) : std::nullopt;
    if (!read) {
      throw Error(Remedy::kRetry,
                  Wrong("tags", answer.status) + ", with a body that is no list of tags");
    }
    tags.insert(tags.end(), read->begin(), read->end());
    const auto next = NextTagPage(answer.link);
    if (!next) {
      return tags;
    }
    last = *next;
  }
  throw Error(Remedy::kNeedsChange,
              fmt::format("asking for tags of {}: there are more than {}",
                          source_.image.text(),
                          kPageTags * kMaxPages));
}

std::optional<std::string> RegistryClient::DigestOf(const std::string& tag) {
  const Answer answer = Ask("HEAD", "/manifests/" + tag);
  if (answer.status == 404) {
    return std::nullopt;
  }
  if (answer.status != 200 || !IsImageDigest(answer.digest)) {
    throw Error(Remedy::kRetry, Wrong("tag " + tag, answer.status) + ", and no digest");
  }
  return answer.digest;
}

}  // namespace failgate
