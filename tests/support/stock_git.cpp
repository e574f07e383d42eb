#include "tests/support/stock_git.h"

#include <gtest/gtest.h>

#include <fstream>

namespace failgate {
namespace {

ProcessRunner& Runner() {
  static ProcessRunner runner;
  return runner;
}

}  // namespace

ProcessResult RunProgram(const std::vector<std::string>& argv,
                         const std::filesystem::path& cwd,
                         const std::optional<std::string>& stdin_text) {
  ProcessSpec spec;
  spec.argv = argv;
  spec.cwd = cwd;
  spec.stdin_text = stdin_text;
  spec.timeout = Milliseconds(60'000);
  spec.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
              {"HOME", "/nonexistent"},
              {"LC_ALL", "C"},
              {"TZ", "UTC"},
              {"GIT_CONFIG_NOSYSTEM", "1"},
              {"GIT_CONFIG_GLOBAL", "/dev/null"},
              {"GIT_AUTHOR_NAME", "Alice Martin"},
              {"GIT_AUTHOR_EMAIL", "alice@example.com"},
              {"GIT_COMMITTER_NAME", "Alice Martin"},
              {"GIT_COMMITTER_EMAIL", "alice@example.com"}};
  return Runner().Run(spec);
}

std::string Git(const std::filesystem::path& cwd, const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {"git", "-c", "init.defaultBranch=main", "-c", "gc.auto=0"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  ProcessResult result = RunProgram(argv, cwd);
  EXPECT_TRUE(result.Succeeded()) << "git " << arguments.front() << ": " << result.stderr_text;
  if (!result.stdout_text.empty() && result.stdout_text.back() == '\n') {
    result.stdout_text.pop_back();
  }
  return result.stdout_text;
}

PushedRepository::PushedRepository() {
  Git(folder(), {"init", "--quiet", "--bare", origin().native()});
  Git(folder(), {"init", "--quiet", work().native()});
  Git(work(), {"remote", "add", "origin", origin().native()});
}

CommitId PushedRepository::Push(const std::map<std::string, std::optional<std::string>>& files,
                                const std::string& message) {
  for (const auto& [path, content] : files) {
    if (content) {
      std::filesystem::create_directories((work() / path).parent_path());
      std::ofstream(work() / path) << *content;
    } else {
      std::filesystem::remove_all(work() / path);
    }
  }
  Git(work(), {"add", "-A"});
  Git(work(), {"commit", "--quiet", "--allow-empty", "-m", message});
  Git(work(), {"push", "--quiet", "origin", "HEAD:refs/heads/main"});
  return CommitId(Git(work(), {"rev-parse", "HEAD"}));
}

void PushedRepository::InstallHook(const std::string& name, const std::string& script) {
  const std::filesystem::path path = origin() / "hooks" / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << "#!/bin/sh\n" << script;
  std::filesystem::permissions(path, std::filesystem::perms(0755));
}

}  // namespace failgate
