// The first commit of a new work tree, by the stock git program and in the user's name.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "controller/config/secret_reference.h"
#include "controller/process/process.h"

namespace failgate {

/// Throws Error with what git said.
class StartingRepository {
 public:
  StartingRepository(std::filesystem::path folder, const EnvironmentLookup& environment);
  /// Name and address of git's configuration; empty when there is no address.
  [[nodiscard]] Person UserOfGit();
  /// Everything in the folder that is not ignored, on branch main; `origin` is the bare repository.
  void CommitAndPush(const std::filesystem::path& origin, const std::string& message);

 private:
  [[nodiscard]] ProcessResult Try(const std::vector<std::string>& arguments);
  void Run(const std::vector<std::string>& arguments);

  std::filesystem::path folder_;
  std::vector<std::pair<std::string, std::string>> environment_;
  ProcessRunner runner_;
};

}  // namespace failgate
