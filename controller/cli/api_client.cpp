#include "controller/cli/api_client.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"

namespace failgate {
namespace {

constexpr const char* kStandardUrl = "http://127.0.0.1:8484";
// A wish is answered once it is on the remote, at most half a minute later.
constexpr Milliseconds kTimeout{60'000};

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string Encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    encoded +=
        IsUnreserved(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace

ApiClient::ApiClient(const CommandContext& context)
    : url_(context.environment("FAILGATE_URL").value_or("")),
      token_(std::string(Trim(context.environment("FAILGATE_TOKEN").value_or("")))) {
  if (url_.empty()) {
    url_ = kStandardUrl;
  }
  while (!url_.empty() && url_.back() == '/') {
    url_.pop_back();
  }
  RegisterSecret(token_);
}

ClientResponse ApiClient::Send(ClientRequest request) const {
  request.headers.emplace_back("Accept", "application/json");
  if (!token_.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + token_.Reveal());
  }
  request.timeout = kTimeout;
  try {
    return Fetch(request);
  } catch (const Error& error) {
    if (error.remedy() == Remedy::kNeedsChange) {
      throw;
    }
    throw Error(
        error.remedy(),
        fmt::format(
            "{}: is the server running? FAILGATE_URL says where (now {})", error.what(), url_));
  }
}

ClientResponse ApiClient::Get(const std::string& path, const ApiQuery& query) const {
  ClientRequest request;
  request.url = url_ + path;
  char separator = '?';
  for (const auto& parameter : query) {
    if (!parameter.second.empty()) {
      request.url += separator + Encode(parameter.first) + '=' + Encode(parameter.second);
      separator = '&';
    }
  }
  return Send(std::move(request));
}

ClientResponse ApiClient::Post(const std::string& path, const nlohmann::json& body) const {
  ClientRequest request;
  request.method = "POST";
  request.url = url_ + path;
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return Send(std::move(request));
}

std::string ApiPath(const std::vector<std::string>& parts) {
  std::string path = "/api/v1";
  for (const std::string& part : parts) {
    path += '/' + Encode(part);
  }
  return path;
}

bool Succeeded(const ClientResponse& response, Terminal& terminal) {
  if (response.status >= 200 && response.status < 300) {
    return true;
  }
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  std::string message;
  if (json.is_object() && json.contains("error") && json["error"].is_object()) {
    message = TextField(json["error"], "message");
  }
  if (message.empty()) {
    message = fmt::format("the server answered {}", response.status);
  }
  if (response.status == 401) {
    message =
        "the token is missing, unknown or expired: put a valid one into FAILGATE_TOKEN (failgate "
        "token create makes one)";
  }
  terminal.Error(message);
  return false;
}

int ExitCodeOf(const ClientResponse& response) {
  if (response.status >= 200 && response.status < 300) {
    return kExitDone;
  }
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  const bool refused = response.status == 409 && json.is_object() && json.contains("error") &&
                       json["error"].is_object() &&
                       TextField(json["error"], "code") == "gate_refused";
  return refused ? kExitRefused : kExitFailed;
}

nlohmann::json ParseAnswer(const std::string& body) {
  nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_discarded()) {
    throw Error(Remedy::kNeedsChange,
                "the answer is no JSON: FAILGATE_URL names something that is no failgate server");
  }
  return json;
}

}  // namespace failgate
