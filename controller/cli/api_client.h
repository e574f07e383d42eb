// The command line's way to a running server.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/secret.h"
#include "controller/cli/command_context.h"
#include "controller/http/http_client.h"

namespace failgate {

/// Parameters of a query that are empty are left out.
using ApiQuery = std::vector<std::pair<std::string, std::string>>;

/// Address from FAILGATE_URL (default http://127.0.0.1:8484), token from FAILGATE_TOKEN: neither is
/// ever an argument. Throws Error when the server cannot be reached.
class ApiClient {
 public:
  explicit ApiClient(const CommandContext& context);

  [[nodiscard]] ClientResponse Get(const std::string& path, const ApiQuery& query = {}) const;
  [[nodiscard]] ClientResponse Post(const std::string& path, const nlohmann::json& body) const;

 private:
  [[nodiscard]] ClientResponse Send(ClientRequest request) const;
  std::string url_;
  Secret token_;
};

/// "/api/v1/" and the parts, each percent-encoded, between slashes.
[[nodiscard]] std::string ApiPath(const std::vector<std::string>& parts);

/// True for 2xx. Else says on the terminal what the server said and what to do about it.
[[nodiscard]] bool Succeeded(const ClientResponse& response, Terminal& terminal);
/// The exit code for an answer that is not 2xx: 3 for a gate's refusal, else 1.
[[nodiscard]] int ExitCodeOf(const ClientResponse& response);

/// Throws Error when the body is no JSON.
[[nodiscard]] nlohmann::json ParseAnswer(const std::string& body);

}  // namespace failgate
