#include "tests/functional/clients/real_gitea.h"

#include <fmt/format.h>
#include <poll.h>

#include <cstdlib>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/http/http_client.h"

namespace failgate {
namespace {

constexpr int kLooks = 600;
constexpr int kPauseMilliseconds = 100;

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

/// Root may run it here: it is alone on the loopback and lives for one test.
constexpr const char* kSettings = R"(RUN_MODE = prod
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
WORK_PATH = {folder}
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = http://127.0.0.1:{port}/
DISABLE_SSH = true
OFFLINE_MODE = true
{templates}
[database]
DB_TYPE = sqlite3
PATH = {folder}/gitea.db
[repository]
ROOT = {folder}/repositories
[security]
INSTALL_LOCK = true
SECRET_KEY = for-this-test-only
[webhook]
ALLOWED_HOST_LIST = loopback
[log]
MODE = console
LEVEL = Info
[cron]
ENABLED = false
[actions]
ENABLED = false
)";

}  // namespace

std::optional<std::string> RealGitea::Program() {
  const std::string program = FromEnvironment("FAILGATE_TEST_GITEA");
  return program.empty() ? std::nullopt : std::optional<std::string>(program);
}

RealGitea::RealGitea(std::filesystem::path folder)
    : folder_(std::move(folder)),
      port_(RecentlyFreePort()),
      url_(fmt::format("http://127.0.0.1:{}", port_)) {
  CreateFolders(folder_);
  WriteSettings();
  // Makes the tables as well.
  static_cast<void>(Admin({"migrate"}));
  static_cast<void>(Admin({"admin",
                           "user",
                           "create",
                           "--admin",
                           "--username",
                           "dana",
                           "--password",
                           "dana-1-secret",
                           "--email",
                           "dana@example.com",
                           "--must-change-password=false"}));
  token_ = Admin(
      {"admin", "user", "generate-access-token", "--username", "dana", "--scopes", "all", "--raw"});
  token_ = std::string(Trim(token_.substr(token_.find_last_of('\n', token_.size() - 2) + 1)));
  const ProcessSpec spec = Spec({"web"});
  server_ = std::make_unique<RunningProgram>(spec.argv, folder_);
  for (int look = 0; look < kLooks; ++look) {
    try {
      Call("GET", "/version");
      return;
    } catch (const Error&) {
      ::poll(nullptr, 0, kPauseMilliseconds);  // it says nowhere else that it listens
    }
  }
  throw Error(Remedy::kNeedsChange, "Gitea does not answer: " + server_->output());
}

void RealGitea::WriteSettings() const {
  const std::string templates = FromEnvironment("FAILGATE_TEST_GITEA_STATIC");
  WriteFileDurably(
      folder_ / "app.ini",
      fmt::format(
          kSettings,
          fmt::arg("folder", folder_.string()),
          fmt::arg("port", port_),
          fmt::arg("templates", templates.empty() ? templates : "STATIC_ROOT_PATH = " + templates)),
      0600);
}

ProcessSpec RealGitea::Spec(const std::vector<std::string>& arguments) const {
  ProcessSpec spec;
  // It writes git's global settings: they must be a file of its own, never a device.
  spec.argv = {"/usr/bin/env",
               "GIT_CONFIG_GLOBAL=" + (folder_ / "gitconfig").string(),
               "HOME=" + folder_.string(),
               *Program()};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.argv.insert(spec.argv.end(), {"--config", (folder_ / "app.ini").string()});
  spec.cwd = folder_;
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.timeout = std::chrono::minutes(1);
  return spec;
}

std::string RealGitea::Admin(const std::vector<std::string>& arguments) const {
  const ProcessResult result = processes_.Run(Spec(arguments));
  Check(result.Succeeded(),
        fmt::format("gitea {} works: {}{}", arguments[0], result.stdout_text, result.stderr_text));
  return result.stdout_text;
}

std::string RealGitea::PushUrl(const std::string& repository) const {
  return fmt::format("http://dana:{}@127.0.0.1:{}/dana/{}.git", token_, port_, repository);
}

RealGitea::Json RealGitea::Call(const std::string& method,
                                const std::string& path,
                                const Json& body) const {
  ClientRequest request;
  request.method = method;
  request.url = url_ + "/api/v1" + path;
  request.headers = {{"Authorization", "token " + token_}, {"Content-Type", "application/json"}};
  request.body = body.is_null() ? std::string() : body.dump();
  const ClientResponse answer = failgate::Fetch(request);
  if (answer.status / 100 != 2) {
    throw Error(
        Remedy::kNeedsChange,
        fmt::format("Gitea answers {} {}: {} {}", method, path, answer.status, answer.body));
  }
  return answer.body.empty() ? Json() : Json::parse(answer.body);
}

}  // namespace failgate
