#include "controller/mlflow/mlflow_caller.h"

#include <fmt/format.h>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/mlflow/mlflow_answers.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxAnswer = std::size_t{16} << 20U;
constexpr std::size_t kShownCharacters = 300;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kTooMany = 429;
constexpr int kServerFault = 500;

std::string Encoded(std::string_view text) {
  constexpr std::string_view kPlain = "-._~";
  std::string encoded;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    encoded += letter || kPlain.find(c) != std::string_view::npos
                   ? std::string(1, c)
                   : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace

bool MlflowAnswer::IsMissing() const {
  if (status == kNotFound) return error_code == "RESOURCE_DOES_NOT_EXIST";
  return error_code == "INVALID_PARAMETER_VALUE" &&
         ToLower(message).find("alias") != std::string::npos &&
         ToLower(message).find("not found") != std::string::npos;
}

MlflowCaller::MlflowCaller(const MlflowSettings& settings,
                           const EnvironmentLookup& environment,
                           Sender send)
    : settings_(settings), environment_(environment), send_(std::move(send)) {}

ClientRequest MlflowCaller::RequestTo(const std::string& method, const std::string& path) const {
  ClientRequest request;
  request.method = method;
  request.url = settings_.url + path;
  request.headers = {{"Accept", "application/json"}, {"User-Agent", "failgate"}};
  request.timeout = std::chrono::seconds(10);  // the end of the program waits for it
  request.max_response_bytes = kMaxAnswer;
  request.ca_file = settings_.ca.value_or(std::filesystem::path());
  const auto& reference = settings_.token ? settings_.token : settings_.basic;
  if (reference) {
    const Result<Secret> secret = ReadSecret(*reference, environment_);
    if (!secret) {
      throw Error(Remedy::kNeedsChange, "asking MLflow: " + secret.error().text);
    }
    request.headers.emplace_back(
        "Authorization",
        settings_.token ? "Bearer " + secret->Reveal() : "Basic " + Base64Encode(secret->Reveal()));
  }
  return request;
}

MlflowAnswer MlflowCaller::Ask(const ClientRequest& request, const std::string& doing) const {
  const ClientResponse response = send_(request);
  MlflowAnswer answer;
  answer.status = response.status;
  answer.body = response.body;
  if (answer.ok()) return answer;
  if (const auto fault = ReadMlflowError(response.body)) {
    answer.error_code = fault->code;
    answer.message = OneLine(fault->message, kShownCharacters);
  }
  if (answer.status == kUnauthorized || answer.status == kForbidden) {
    const bool host = ToLower(response.body).find("invalid host header") != std::string::npos;
    throw Error(Remedy::kNeedsChange,
                fmt::format("{}: MLflow answered {}: {}",
                            doing,
                            answer.status,
                            host ? "it does not know the host name of mlflow.url: start it with "
                                   "--allowed-hosts naming it"
                                 : "check token or basic of the server file's mlflow section"));
  }
  if (answer.status == kTooMany || answer.status >= kServerFault) {
    throw Error(Remedy::kRetry,
                fmt::format("{}: MLflow answered {} {}", doing, answer.status, answer.message));
  }
  if (answer.error_code.empty() || answer.error_code == "ENDPOINT_NOT_FOUND") {
    throw Error(Remedy::kNeedsChange,
                fmt::format("{}: what answers {} is not the API of MLflow: check mlflow.url of the "
                            "server file",
                            doing,
                            answer.status));
  }
  return answer;
}

MlflowAnswer MlflowCaller::Get(const std::string& path, const Query& query) const {
  std::string parameters;
  for (const auto& [name, value] : query) {
    parameters += (parameters.empty() ? "?" : "&") + Encoded(name) + "=" + Encoded(value);
  }
  return Ask(RequestTo("GET", "/api/2.0/mlflow/" + path + parameters), "GET " + path);
}

MlflowAnswer MlflowCaller::Send(const std::string& method,
                                const std::string& path,
                                const std::string& json) const {
  ClientRequest request = RequestTo(method, "/api/2.0/mlflow/" + path);
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = json;
  return Ask(request, method + " " + path);
}

std::string MlflowCaller::Version() const {
  const MlflowAnswer answer = Ask(RequestTo("GET", "/version"), "GET /version");
  return OneLine(Trim(answer.body), 40);
}

void MlflowCaller::Refuse(const std::string& doing, const MlflowAnswer& answer) const {
  throw Error(Remedy::kNeedsChange,
              fmt::format("{}: MLflow answered {} {}: {}",
                          doing,
                          answer.status,
                          OneLine(answer.error_code, 60),
                          answer.message));
}

}  // namespace failgate
