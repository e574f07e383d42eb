// Real git for tests: a bare origin, a clone to work in, and the stock git program with a clean
// environment.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/process/process.h"

namespace failgate {

/// Runs the stock git program; throws Error with its output when it fails.
class GitProgram {
 public:
  explicit GitProgram(std::filesystem::path home);
  /// Standard output, last newline cut.
  std::string Run(const std::filesystem::path& folder, const std::vector<std::string>& arguments);
  /// Exit code; output in `text` when given.
  int TryRun(const std::filesystem::path& folder,
             const std::vector<std::string>& arguments,
             std::string* text = nullptr);

 private:
  ProcessRunner runner_;
  std::filesystem::path home_;
};

/// folder/NAME.git (bare, main) and folder/NAME (a clone). Commit() writes files and commits as the
/// named person; Push() pushes main.
class GitWorld {
 public:
  GitWorld(const std::filesystem::path& folder, const std::string& name);
  [[nodiscard]] const std::filesystem::path& origin() const { return origin_; }
  [[nodiscard]] const std::filesystem::path& clone() const { return clone_; }
  GitProgram& git() { return git_; }
  /// Answers the commit id.
  std::string Commit(const std::map<std::string, std::string>& files,
                     const std::string& message,
                     const std::string& author = "Alice Martin <alice@example.com>");
  void Push(const std::string& branch = "main");
  void Pull();

 private:
  GitProgram git_;
  std::filesystem::path origin_;
  std::filesystem::path clone_;
};

}  // namespace failgate
