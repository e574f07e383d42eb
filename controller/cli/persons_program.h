// Programs that a command runs as the person who typed it: with his git settings, keys and agent.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/config/secret_reference.h"
#include "controller/process/process.h"

namespace failgate {

/// Not thread-safe.
class PersonsPrograms {
 public:
  /// Takes over what git and ssh-keygen ask of the person's environment, and nothing else of it.
  explicit PersonsPrograms(const EnvironmentLookup& environment);
  /// Throws Error when the program cannot be started.
  [[nodiscard]] ProcessResult Run(const std::vector<std::string>& argv,
                                  const std::filesystem::path& folder,
                                  const std::optional<std::string>& stdin_text);

 private:
  ProcessRunner runner_;
  std::vector<std::pair<std::string, std::string>> environment_;
};

}  // namespace failgate
