// What each part takes of the server file. Pure, but for KnowSecrets and the name of the host.
#pragma once

#include <map>
#include <string>

#include "controller/api/http_server.h"
#include "controller/config/secret_reference.h"
#include "controller/config/server_file.h"
#include "controller/daemon/folders.h"
#include "controller/deploylog/deploy_log.h"
#include "controller/promotion/promoter.h"
#include "controller/runners/runner.h"
#include "controller/store/inbox.h"

namespace failgate {

[[nodiscard]] Inbox::Options InboxOptions(const ServerFile& config);
[[nodiscard]] HttpServerOptions HttpOptions(const ServerFile& config);
[[nodiscard]] PromotionBounds BoundsOf(const ServerFile& config, const Folders& folders);
[[nodiscard]] std::map<SourceName, std::string> SourceUrls(const ServerFile& config);
/// For the commands of health checks, which run as steps do.
[[nodiscard]] StepLimits HealthLimits(const ServerFile& config);
/// With a new instance id: each start is another.
[[nodiscard]] DeployLog::Options LogOptions(const ServerFile& config, const Folders& folders);

/// Reads every configured secret once, so that all of them are redacted from the first log line on.
/// One that cannot be read is the trouble of what uses it.
void KnowSecrets(const ServerFile& config, const EnvironmentLookup& environment);

}  // namespace failgate
