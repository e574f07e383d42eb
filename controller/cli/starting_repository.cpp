#include "controller/cli/starting_repository.h"

#include <fmt/format.h>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr Milliseconds kTimeout{60'000};

}  // namespace

StartingRepository::StartingRepository(std::filesystem::path folder,
                                       const EnvironmentLookup& environment)
    : folder_(std::move(folder)) {
  environment_.emplace_back("PATH", "/usr/local/bin:/usr/bin:/bin");
  environment_.emplace_back("GIT_TERMINAL_PROMPT", "0");
  for (const char* name : {"HOME", "XDG_CONFIG_HOME"}) {
    if (const auto value = environment(name)) {
      environment_.emplace_back(name, *value);
    }
  }
}

ProcessResult StartingRepository::Try(const std::vector<std::string>& arguments) {
  ProcessSpec spec;
  // The user's hooks and signing are for the user's own commits.
  spec.argv = {"git",
               "-c",
               "core.hooksPath=/dev/null",
               "-c",
               "commit.gpgSign=false",
               "-c",
               "safe.directory=*"};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.cwd = folder_;
  spec.env = environment_;
  spec.timeout = kTimeout;
  return runner_.Run(spec);
}

void StartingRepository::Run(const std::vector<std::string>& arguments) {
  const ProcessResult result = Try(arguments);
  if (!result.Succeeded()) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("git in {}: {}: {}",
                            folder_.string(),
                            DescribeEnd(result, kTimeout),
                            OneLine(Trim(result.stderr_text))));
  }
}

Person StartingRepository::UserOfGit() {
  const auto setting = [&](const std::string& name) {
    const ProcessResult result = Try({"config", "--get", name});
    return result.Succeeded() ? std::string(Trim(result.stdout_text)) : std::string();
  };
  const auto person = ParsePerson(FormatPerson({setting("user.name"), setting("user.email")}));
  return person.value_or(Person());
}

void StartingRepository::CommitAndPush(const std::filesystem::path& origin,
                                       const std::string& message) {
  Run({"init", "--quiet", "--initial-branch=main"});
  Run({"add", "--all"});
  const Person user = UserOfGit();
  const std::string name = user.name.empty() ? "failgate init" : user.name;
  const std::string email = user.email.empty() ? "init@failgate.invalid" : user.email;
  Run({"-c", "user.name=" + name, "-c", "user.email=" + email, "commit", "--quiet", "-m", message});
  Run({"remote", "add", "origin", origin.string()});
  Run({"push", "--quiet", "--set-upstream", "origin", "main"});
}

}  // namespace failgate
