// The stock git and ssh-keygen programs, as oracle and as the other side. Needs failgate_git.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/base/ids.h"
#include "controller/process/process.h"

namespace failgate {

/// Runs a program with a clean environment (HOME and git's configuration are nobody's).
ProcessResult RunProgram(const std::vector<std::string>& argv,
                         const std::filesystem::path& cwd = "/",
                         const std::optional<std::string>& stdin_text = std::nullopt);
/// `git ARGUMENTS` in `cwd`: its output without the final newline. Fails the test when git does.
std::string Git(const std::filesystem::path& cwd, const std::vector<std::string>& arguments);

/// A bare repository "origin.git" and a work tree of a person who pushes to it, in a temporary
/// folder.
class PushedRepository {
 public:
  PushedRepository();
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path origin() const { return folder() / "origin.git"; }
  [[nodiscard]] std::filesystem::path work() const { return folder() / "work"; }
  /// Writes the files (nullopt = removes), commits and pushes to main.
  CommitId Push(const std::map<std::string, std::optional<std::string>>& files,
                const std::string& message = "Change");
  /// An executable hook of the origin.
  void InstallHook(const std::string& name, const std::string& script);

 private:
  TemporaryFolder folder_;
};

}  // namespace failgate
