// Where a secret is: never the secret itself.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "controller/base/result.h"
#include "controller/base/secret.h"

namespace failgate {

/// {env: NAME} or {file: PATH}; exactly one is set.
struct SecretReference {
  std::string env;
  std::filesystem::path file;  ///< absolute after parsing
  bool operator==(const SecretReference&) const = default;
};

/// The process's environment in production, a table in tests; nullopt when the variable is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// For people: "file /etc/failgate/token" or "environment variable OPS_HOOK_SECRET".
[[nodiscard]] std::string Describe(const SecretReference& reference);

/// Reads the secret at the time of its use and registers it for redaction. One trailing line end is
/// stripped. Refused (`secret_unreadable`): not set, no such file, empty, NUL or line ends inside,
/// over 64 KiB. Multi-line secrets (keys) are named by path and read by their user.
[[nodiscard]] Result<Secret> ReadSecret(const SecretReference& reference,
                                        const EnvironmentLookup& environment);

}  // namespace failgate
