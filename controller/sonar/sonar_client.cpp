#include "controller/sonar/sonar_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/percent_encoding.h"
#include "controller/base/text.h"
#include "controller/http/http_client.h"

namespace failgate {
namespace {

constexpr int kPageAnalyses = 100;
constexpr int kMaxPages = 10;
constexpr std::size_t kMaxAnswer = std::size_t{1} << 20U;

}  // namespace

SonarClient::SonarClient(const SonarServerSettings& server,
                         const EnvironmentLookup& environment,
                         std::function<bool()> stopped)
    : server_(server), environment_(environment), stopped_(std::move(stopped)) {}

std::string SonarClient::Get(const std::string& path, const std::string& what) const {
  if (stopped_()) {
    throw Error(Remedy::kRetry, "the controller is stopping");
  }
  const Result<Secret> token = ReadSecret(server_.token, environment_);
  if (!token) {
    throw Error(Remedy::kNeedsChange, token.error().text);
  }
  ClientRequest request;
  request.url = server_.url + path;
  request.headers = {{"User-Agent", "failgate"},
                     {"Accept", "application/json"},
                     {"Authorization", "Bearer " + token->Reveal()}};
  request.timeout = std::chrono::seconds(10);  // the end of the program waits for it
  request.max_response_bytes = kMaxAnswer;
  request.ca_file = server_.ca.value_or(std::filesystem::path());
  const ClientResponse response = Fetch(request);
  if (response.status == 401 || response.status == 403) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("it answered {} for {}: the token of `sonar:` is refused or may not "
                            "browse the project",
                            response.status,
                            what));
  }
  if (response.status == 404) {
    throw Error(Remedy::kNeedsChange, fmt::format("it does not know {}", what));
  }
  if (response.status != 200) {
    throw Error(Remedy::kRetry, fmt::format("it answered {} for {}", response.status, what));
  }
  return response.body;
}

std::optional<SonarAnalysis> SonarClient::FindAnalysis(const SonarQuestion& question) const {
  const std::string what = "project " + question.project +
                           (question.branch.empty() ? "" : ", branch " + question.branch);
  for (int page = 1; page <= kMaxPages; ++page) {
    const std::string body =
        Get(fmt::format("/api/project_analyses/search?project={}{}&ps={}&p={}",
                        PercentEncode(question.project),
                        question.branch.empty() ? "" : "&branch=" + PercentEncode(question.branch),
                        kPageAnalyses,
                        page),
            what);
    const auto answer = ReadSonarAnalyses(body);
    if (!answer) {
      throw Error(Remedy::kRetry, answer.error().text);
    }
    const auto& analyses = answer->analyses;
    const auto found =
        std::find_if(analyses.begin(), analyses.end(), [&](const SonarAnalysis& analysis) {
          return analysis.revision == question.revision;
        });
    if (found != analyses.end()) {
      return *found;
    }
    if (analyses.empty() || static_cast<long long>(page) * kPageAnalyses >= answer->total) {
      break;
    }
  }
  return std::nullopt;
}

SonarFact SonarClient::Ask(const SonarQuestion& question) const {
  SonarFact fact;
  fact.project = question.project;
  fact.branch = question.branch;
  fact.revision = question.revision;
  const auto analysis = FindAnalysis(question);
  if (!analysis) {
    fact.state = SonarState::kNotAnalysed;
    return fact;
  }
  const auto status = ReadSonarStatus(
      Get("/api/qualitygates/project_status?analysisId=" + PercentEncode(analysis->key),
          "analysis " + analysis->key));
  if (!status) {
    throw Error(Remedy::kRetry, status.error().text);
  }
  fact.state = SonarState::kAnalysed;
  fact.analysis = analysis->key;
  fact.analysed = analysis->revision;
  fact.analysed_at = analysis->at;
  fact.status = status->status;
  fact.failed = status->failed;
  fact.more_failed = status->more_failed;
  return fact;
}

}  // namespace failgate
