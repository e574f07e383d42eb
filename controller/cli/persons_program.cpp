#include "controller/cli/persons_program.h"

namespace failgate {
namespace {

/// A person may look for his key's passphrase.
constexpr Milliseconds kTimeout = std::chrono::minutes(5);
constexpr const char* kTakenOver[] = {"HOME",
                                      "USER",
                                      "LOGNAME",
                                      "LANG",
                                      "TERM",
                                      "DISPLAY",
                                      "WAYLAND_DISPLAY",
                                      "XDG_CONFIG_HOME",
                                      "XDG_RUNTIME_DIR",
                                      "SSH_AUTH_SOCK",
                                      "SSH_ASKPASS",
                                      "SSH_ASKPASS_REQUIRE",
                                      "SSH_SK_PROVIDER",
                                      "GNUPGHOME",
                                      "GIT_AUTHOR_NAME",
                                      "GIT_AUTHOR_EMAIL",
                                      "GIT_COMMITTER_NAME",
                                      "GIT_COMMITTER_EMAIL",
                                      "GIT_CONFIG_GLOBAL",
                                      "GIT_CONFIG_NOSYSTEM"};

}  // namespace

PersonsPrograms::PersonsPrograms(const EnvironmentLookup& environment) {
  for (const char* name : kTakenOver) {
    if (const auto value = environment(name)) {
      environment_.emplace_back(name, *value);
    }
  }
  environment_.emplace_back("PATH", environment("PATH").value_or("/usr/local/bin:/usr/bin:/bin"));
}

ProcessResult PersonsPrograms::Run(const std::vector<std::string>& argv,
                                   const std::filesystem::path& folder,
                                   const std::optional<std::string>& stdin_text) {
  ProcessSpec spec;
  spec.argv = argv;
  spec.cwd = folder;
  spec.env = environment_;
  spec.stdin_text = stdin_text;
  spec.timeout = kTimeout;
  return runner_.Run(spec);
}

}  // namespace failgate
