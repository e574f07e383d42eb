#include "controller/daemon/demo_shell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr Milliseconds kCommandTimeout{60'000};
constexpr const char* kDefaultPath = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

bool IsPlainWord(const std::string& word) {
  const auto plain = [](char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') ||
           std::string_view("-_./:=@%+,").find(character) != std::string_view::npos;
  };
  return !word.empty() && std::all_of(word.begin(), word.end(), plain);
}

std::string Quoted(const std::string& word) {
  std::string quoted = "'";
  for (const char character : word) {
    if (character == '\'') {
      quoted += "'\\''";
    } else {
      quoted += character;
    }
  }
  return quoted + "'";
}

}  // namespace

DemoShell::DemoShell(ProcessRunner& processes,
                     std::filesystem::path folder,
                     std::filesystem::path home,
                     std::stop_token stop)
    : processes_(processes),
      folder_(std::move(folder)),
      home_(std::move(home)),
      stop_(std::move(stop)),
      program_(std::filesystem::read_symlink("/proc/self/exe")) {}

DemoAnswer DemoShell::Run(const std::vector<std::string>& argv, const DemoEnvironment& more) const {
  ProcessSpec spec;
  spec.argv = argv;
  if (spec.argv.front() == "failgate") spec.argv.front() = program_.string();
  spec.cwd = folder_;
  spec.env = Environment();
  spec.env.insert(spec.env.end(), more.begin(), more.end());
  spec.timeout = kCommandTimeout;
  spec.merge_stderr = true;
  const ProcessResult result = processes_.Run(spec, stop_);
  if (result.cancelled) throw Error(Remedy::kRetry, "stopped");
  if (result.timed_out || result.signal != 0) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("{}: {}", AsTyped(argv), DescribeEnd(result, spec.timeout)));
  }
  return {result.exit_code, result.stdout_text};
}

std::string DemoShell::Must(const std::vector<std::string>& argv,
                            const DemoEnvironment& more) const {
  DemoAnswer answer = Run(argv, more);
  if (answer.exit_code != 0) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("{} was expected to succeed, it ended with exit code {}: {}",
                            AsTyped(argv),
                            answer.exit_code,
                            OneLine(Trim(answer.text))));
  }
  return std::move(answer.text);
}

DemoEnvironment DemoShell::Environment() const {
  const char* path = std::getenv("PATH");
  // `failgate` inside a pipe is this very program, too.
  const std::string search =
      program_.parent_path().string() + ":" + (path == nullptr ? kDefaultPath : path);
  DemoEnvironment environment = {{"PATH", search},
                                 {"HOME", home_.string()},
                                 {"LC_ALL", "C.UTF-8"},
                                 {"GIT_CONFIG_NOSYSTEM", "1"},
                                 {"GIT_TERMINAL_PROMPT", "0"},
                                 {"GIT_PAGER", "cat"},
                                 {"NO_COLOR", "1"}};
  for (const char* name : {"TMPDIR", "TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    const char* value = std::getenv(name);
    if (value != nullptr) environment.emplace_back(name, value);
  }
  return environment;
}

DemoEnvironment GitIdentity(const Person& person) {
  return {{"GIT_AUTHOR_NAME", person.name},
          {"GIT_AUTHOR_EMAIL", person.email},
          {"GIT_COMMITTER_NAME", person.name},
          {"GIT_COMMITTER_EMAIL", person.email}};
}

std::string AsTyped(const std::vector<std::string>& argv) {
  std::vector<std::string> words;
  for (const std::string& word : argv) words.push_back(IsPlainWord(word) ? word : Quoted(word));
  return Join(words, " ");
}

}  // namespace failgate
