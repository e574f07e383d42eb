// One try of a health check: an HTTP answer, a TCP connection, or a command in the sandbox.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/clock.h"
#include "controller/promotion/project_deployment.h"
#include "controller/runners/runner.h"
#include "controller/targets/target.h"

namespace failgate {

/// Healthy = a 2xx answer to GET; redirects are not followed. `within` bounds the exchange.
[[nodiscard]] HealthAnswer TryHttp(const std::string& url, Milliseconds within);

/// Healthy = the connection is accepted. `address` is host:port, [v6]:port too.
[[nodiscard]] HealthAnswer TryTcp(const std::string& address,
                                  Milliseconds within,
                                  const std::stop_token& stop);

/// A command beside what is deployed.
struct HealthCommand {
  std::string script;
  std::filesystem::path deployed;  ///< seen read-only; its place is FAILGATE_PATH
  std::vector<std::pair<std::string, std::string>> env;
  StepLimits limits;
};
/// Healthy = exit 0. Runs with network, in a workspace of its own under `workspaces` (made with the
/// mode that LocalRunner needs), which is gone when it returns. Throws Error when the runner cannot
/// run anything for reasons of the controller's own.
[[nodiscard]] HealthAnswer TryCommand(StepRunner& runner,
                                      const std::filesystem::path& workspaces,
                                      const HealthCommand& command,
                                      Milliseconds within,
                                      const std::stop_token& stop);

}  // namespace failgate
