// The two names Azure DevOps has for one repository.
#pragma once

#include <optional>

#include "webhooks/repository_url.h"

namespace failgate {

/// The ssh URL of the repository at an https URL of dev.azure.com or *.visualstudio.com; nullopt
/// for any other URL, such as one of a server of one's own, whose two URLs share host and path.
[[nodiscard]] std::optional<RepositoryUrl> AzureSshUrl(const RepositoryUrl& https);

}  // namespace failgate
