#include "controller/git/git_program.h"

#include "controller/base/secret.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxComplaintCharacters = 400;

bool IsStandingAdvice(std::string_view line) {
  return line.empty() || line.substr(0, 5) == "hint:" ||
         line == "Please make sure you have the correct access rights" ||
         line == "and the repository exists." ||
         line.substr(0, 29) == "Warning: Permanently added '[" ||
         line.substr(0, 28) == "error: failed to push some r";
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
    // A line that is overwritten on a terminal (progress) counts by its last state.
    const std::string_view last = Trim(std::string_view(line).substr(line.rfind('\r') + 1));
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
