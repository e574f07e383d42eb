#include "tests/support/git_world.h"

#include <fmt/format.h>

#include "controller/base/error.h"

namespace failgate {

GitProgram::GitProgram(std::filesystem::path home) : home_(std::move(home)) {
  CreateFolders(home_);
}

int GitProgram::TryRun(const std::filesystem::path& folder,
                       const std::vector<std::string>& arguments,
                       std::string* text) {
  ProcessSpec spec;
  spec.argv = {"git"};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.cwd = folder;
  spec.env = {{"HOME", home_.string()},
              {"PATH", "/usr/local/bin:/usr/bin:/bin"},
              {"GIT_CONFIG_NOSYSTEM", "1"},
              {"GIT_CONFIG_COUNT", "2"},
              {"GIT_CONFIG_KEY_0", "safe.directory"},
              {"GIT_CONFIG_VALUE_0", "*"},
              {"GIT_CONFIG_KEY_1", "init.defaultBranch"},
              {"GIT_CONFIG_VALUE_1", "main"},
              {"GIT_AUTHOR_NAME", "Alice Martin"},
              {"GIT_AUTHOR_EMAIL", "alice@example.com"},
              {"GIT_COMMITTER_NAME", "Alice Martin"},
              {"GIT_COMMITTER_EMAIL", "alice@example.com"}};
  spec.timeout = std::chrono::minutes(1);
  const ProcessResult result = runner_.Run(spec);
  if (text != nullptr) {
    *text = result.stdout_text + result.stderr_text;
  }
  return result.exit_code;
}

std::string GitProgram::Run(const std::filesystem::path& folder,
                            const std::vector<std::string>& arguments) {
  std::string text;
  if (TryRun(folder, arguments, &text) != 0) {
    throw Error(Remedy::kNeedsChange, fmt::format("git {}: {}", fmt::join(arguments, " "), text));
  }
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text;
}

GitWorld::GitWorld(const std::filesystem::path& folder, const std::string& name)
    : git_(folder / "home"), origin_(folder / (name + ".git")), clone_(folder / name) {
  git_.Run(folder, {"init", "-q", "--bare", origin_.string()});
  git_.Run(folder, {"clone", "-q", origin_.string(), clone_.string()});
  git_.Run(clone_, {"checkout", "-q", "-B", "main"});
}

std::string GitWorld::Commit(const std::map<std::string, std::string>& files,
                             const std::string& message,
                             const std::string& author) {
  for (const auto& file : files) {
    CreateFolders((clone_ / file.first).parent_path());
    WriteFileDurably(clone_ / file.first, file.second);
  }
  git_.Run(clone_, {"add", "-A"});
  git_.Run(clone_, {"commit", "-q", "--allow-empty", "--author", author, "-m", message});
  return git_.Run(clone_, {"rev-parse", "HEAD"});
}

void GitWorld::Push(const std::string& branch) {
  git_.Run(clone_, {"push", "-q", "origin", "HEAD:refs/heads/" + branch});
}

void GitWorld::Pull() {
  git_.Run(clone_, {"pull", "-q", "--ff-only", "origin", "main"});
}

}  // namespace failgate
