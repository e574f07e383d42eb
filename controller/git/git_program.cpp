#include "controller/git/git_program.h"

#include <algorithm>
#include <array>

#include "controller/base/secret.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxComplaintCharacters = 600;

/// How lines of git and ssh begin that say nothing of what happened here.
constexpr std::array<std::string_view, 12> kStandingAdvice = {
    "hint:",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
    "Warning: Permanently added '[",
    "error: failed to push some r",
    "@",  // the frame of ssh's warning of a changed host key, and that warning's general words
    "IT IS POSSIBLE THAT SOMEONE",
    "Someone could be eavesdropping",
    "It is also possible that a host key",
    "Please contact your system administrator",
    "remove with:",
    "ssh-keygen -f"};

bool IsStandingAdvice(std::string_view line) {
  return line.empty() ||
         std::any_of(
             kStandingAdvice.begin(), kStandingAdvice.end(), [line](std::string_view begin) {
               return line.substr(0, begin.size()) == begin;
             });
}

}  // namespace

GitSettings CommonGitSettings() {
  return {{"safe.directory", "*"},
          {"gc.auto", "0"},
          {"maintenance.auto", "false"},
          {"core.hooksPath", "/dev/null"},
          {"core.fsync", "committed,reference"},
          {"core.fsyncMethod", "batch"},
          {"core.askPass", ""},
          {"credential.helper", ""},
          {"fetch.recurseSubmodules", "false"},
          {"push.gpgSign", "false"},
          {"push.followTags", "false"},
          {"push.recurseSubmodules", "no"}};
}

ProcessSpec GitSpec(const std::vector<std::string>& arguments,
                    const GitSettings& settings,
                    const std::filesystem::path& home,
                    const std::filesystem::path& global_config) {
  ProcessSpec spec;
  spec.argv = {"git"};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.cwd = home;
  spec.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
              {"HOME", home.native()},
              {"LC_ALL", "C"},
              {"GIT_CONFIG_NOSYSTEM", "1"},
              {"GIT_ATTR_NOSYSTEM", "1"},
              {"GIT_CONFIG_GLOBAL", global_config.native()},
              {"GIT_TERMINAL_PROMPT", "0"},
              {"GIT_CONFIG_COUNT", std::to_string(settings.size())}};
  for (std::size_t i = 0; i < settings.size(); ++i) {
    spec.env.emplace_back("GIT_CONFIG_KEY_" + std::to_string(i), settings[i].first);
    spec.env.emplace_back("GIT_CONFIG_VALUE_" + std::to_string(i), settings[i].second);
  }
  spec.no_new_privileges = true;
  spec.limits.core_bytes = 0;
  return spec;
}

std::string GitComplaint(const ProcessResult& result, Milliseconds timeout) {
  if (result.timed_out || result.cancelled || result.signal != 0) {
    return DescribeEnd(result, timeout);
  }
  std::vector<std::string> said;
  for (const std::string& line : Split(result.stderr_text, '\n')) {
    // A line that is overwritten on a terminal (progress) counts by its last state; ssh ends its
    // lines with \r\n.
    const std::string_view written = Trim(line);
    const std::string_view last = Trim(written.substr(written.rfind('\r') + 1));
    if (!IsStandingAdvice(last)) {
      said.emplace_back(last);
    }
  }
  if (said.empty()) {
    return DescribeEnd(result, timeout);
  }
  return OneLine(Redact(Join(said, "; ")), kMaxComplaintCharacters);
}

}  // namespace failgate
