// From the server file's words about a repository to a remote that git can reach.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/config/secret_reference.h"
#include "controller/config/server_file.h"
#include "controller/git/remote.h"

namespace failgate {

/// Reads the token at the time of its use; throws Error(kNeedsChange) when it cannot be read.
[[nodiscard]] RemoteConfig MakeRemoteConfig(const std::string& url,
                                            const RemoteCredentials& credentials,
                                            const std::optional<std::filesystem::path>& ca,
                                            const std::filesystem::path& home,
                                            const EnvironmentLookup& environment);

}  // namespace failgate
