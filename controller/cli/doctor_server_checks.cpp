// What the server file names: keys, secrets, folders, remotes, the address.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "controller/api/hook_receiver.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/cli/doctor_checks.h"
#include "controller/cli/log_key.h"
#include "controller/deploylog/key_keeper.h"
#include "controller/git/remote.h"
#include "controller/git/signing_key.h"
#include "controller/http/http_client.h"
#include "controller/registry/registry_client.h"
#include "controller/sync/remote_settings.h"

namespace failgate {
namespace {

constexpr Milliseconds kRemoteDeadline{10'000};
constexpr Milliseconds kListenDeadline{3'000};
constexpr unsigned long long kMiB = 1ULL << 20U;
constexpr unsigned long long kLittleRoom = 1024 * kMiB;
constexpr unsigned long long kNoRoom = 100 * kMiB;
constexpr mode_t kOthersMask = 0077;

DoctorCheck CheckPrivateFile(const std::string& name, const std::filesystem::path& file) {
  struct stat info = {};
  if (stat(file.c_str(), &info) != 0) {
    return {name,
            CheckState::kFail,
            fmt::format("{} cannot be read", file.string()),
            "put the file there, or mend the server file"};
  }
  if ((info.st_mode & kOthersMask) != 0) {
    return {name,
            CheckState::kFail,
            fmt::format("{} may be read by others", file.string()),
            fmt::format("chmod 600 {}", file.string())};
  }
  if (access(file.c_str(), R_OK) != 0) {
    return {name,
            CheckState::kFail,
            fmt::format("{} may not be read by this user", file.string()),
            "run doctor as the server's user, or give the file to it"};
  }
  return {name, CheckState::kOk, file.string(), ""};
}

DoctorCheck CheckSecret(const std::string& name,
                        const SecretReference& reference,
                        const EnvironmentLookup& environment) {
  const Result<Secret> secret = ReadSecret(reference, environment);
  if (!secret) {
    return {name, CheckState::kFail, secret.error().text, "nothing that needs it works until then"};
  }
  return {name, CheckState::kOk, Describe(reference), ""};
}

DoctorCheck CheckFolder(const std::string& name, const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return {name,
            CheckState::kFail,
            fmt::format("{} is not there", folder.string()),
            fmt::format("mkdir -p {}, owned by the server's user", folder.string())};
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    return {name,
            CheckState::kFail,
            fmt::format("{} may not be written by this user", folder.string()),
            "give it to the server's user"};
  }
  struct statvfs disk = {};
  if (statvfs(folder.c_str(), &disk) != 0) {
    return {name, CheckState::kWarn, fmt::format("{}: room unknown", folder.string()), ""};
  }
  const unsigned long long room = static_cast<unsigned long long>(disk.f_bavail) * disk.f_frsize;
  const std::string text = fmt::format("{}, {} MiB free", folder.string(), room / kMiB);
  if (room < kLittleRoom) {
    return {name, room < kNoRoom ? CheckState::kFail : CheckState::kWarn, text, "make room"};
  }
  return {name, CheckState::kOk, text, ""};
}

DoctorCheck CheckWatch(const WatchSettings& watch) {
  const std::string name = "watch " + watch.name;
  const std::filesystem::path folder =
      watch.kind == WatchKind::kDelta ? watch.path / "_delta_log" : watch.path;
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return {name,
            CheckState::kFail,
            fmt::format("{} is not there", folder.string()),
            "make it, or mend the path of the watch in the server file"};
  }
  if (access(folder.c_str(), R_OK | X_OK) != 0) {
    return {name,
            CheckState::kFail,
            fmt::format("{} may not be read by this user", folder.string()),
            "let the server's user read it"};
  }
  return {name, CheckState::kOk, folder.string(), ""};
}

struct RemotePlace {
  std::string name;
  std::string url;
  const RemoteCredentials& credentials;
  const std::optional<std::filesystem::path>& ca;
};

DoctorCheck CheckRemote(const RemotePlace& place,
                        const EnvironmentLookup& environment,
                        const std::filesystem::path& home,
                        ProcessRunner& processes) {
  try {
    RemoteConfig config =
        MakeRemoteConfig(place.url, place.credentials, place.ca, home, environment);
    const auto refs = Remote(processes, std::move(config)).List({"refs/heads/*"}, kRemoteDeadline);
    if (refs.empty()) {
      return {place.name, CheckState::kWarn, "answers, but has no branch yet", "push a commit"};
    }
    return {place.name, CheckState::kOk, fmt::format("answers, {} branches", refs.size()), ""};
  } catch (const Error& error) {
    return {place.name,
            CheckState::kFail,
            error.what(),
            "mend url or credentials in the server file, or the network"};
  }
}

DoctorCheck CheckRegistry(const ImageSourceSettings& source, const EnvironmentLookup& environment) {
  const std::string name = "source " + source.name.text();
  try {
    const auto tags = RegistryClient(source, environment).Tags({});
    return tags.empty() ? DoctorCheck{name,
                                      CheckState::kWarn,
                                      "the registry answers, but the image has no tag yet",
                                      "push the image"}
                        : DoctorCheck{name,
                                      CheckState::kOk,
                                      fmt::format("the registry answers, {} tags", tags.size()),
                                      ""};
  } catch (const Error& error) {
    return {name,
            CheckState::kFail,
            error.what(),
            "mend image or credentials in the server file, or the network"};
  }
}

/// nullopt when `key` is the one that the log is signed with, or nobody here knows which that is.
std::optional<DoctorCheck> CheckKeyOfTheLog(const ServerFile& server, const SigningKey& key) {
  const std::string in_force = KeyOfTheLog(server);
  if (in_force.empty() || in_force == key.Fingerprint()) {
    return std::nullopt;
  }
  const std::filesystem::path next = NextKeyFile(server.operations.signing_key);
  if (std::filesystem::exists(next) && SigningKey::Load(next).Fingerprint() == in_force) {
    return DoctorCheck{
        "signing key",
        CheckState::kWarn,
        fmt::format("the log is signed with {} of {} since a rotation", in_force, next.string()),
        fmt::format("move that file to {} where the controller may not write",
                    server.operations.signing_key.string())};
  }
  return DoctorCheck{
      "signing key",
      CheckState::kFail,
      fmt::format("{} is not the key that the log is signed with, {}", key.Fingerprint(), in_force),
      "put that key back; if it is lost, let an owner add this one to allowed_signers on main "
      "(docs/recovery.md)"};
}

void AddWebhookSecrets(const std::string& name,
                       const std::optional<WebhookSettings>& webhook,
                       const EnvironmentLookup& environment,
                       std::vector<DoctorCheck>& checks) {
  if (!webhook) {
    return;
  }
  for (const SecretReference& secret : webhook->secrets) {
    DoctorCheck check = CheckSecret(name + " webhook secret", secret, environment);
    const Result<Secret> value = ReadSecret(secret, environment);
    if (const auto fault =
            value ? FaultOfSecret(webhook->provider, *value, OptionsOf(*webhook)) : std::nullopt) {
      check.state = CheckState::kFail;
      check.text = fmt::format("{}: {}", Describe(secret), *fault);
      check.remedy = "write it as docs/webhooks.md says for " + webhook->provider;
    }
    checks.push_back(std::move(check));
  }
}

}  // namespace

std::vector<DoctorCheck> CheckKeys(const ServerFile& server) {
  std::vector<DoctorCheck> checks;
  try {
    const SigningKey key = SigningKey::Load(server.operations.signing_key);
    checks.push_back({"signing key", CheckState::kOk, key.Fingerprint(), ""});
    if (auto other = CheckKeyOfTheLog(server, key)) {
      checks.back() = std::move(*other);
    }
  } catch (const Error& error) {
    checks.push_back({"signing key",
                      CheckState::kFail,
                      error.what(),
                      "put the controller's key there: a new one must be in allowed_signers"});
  }
  if (server.operations.credentials.ssh_key) {
    checks.push_back(
        CheckPrivateFile("operations ssh key", *server.operations.credentials.ssh_key));
  }
  for (const SourceSettings& source : server.sources) {
    if (source.credentials.ssh_key) {
      checks.push_back(CheckPrivateFile("source " + source.name.text() + " ssh key",
                                        *source.credentials.ssh_key));
    }
  }
  if (server.listen.tls) {
    checks.push_back(CheckPrivateFile("tls key", server.listen.tls->key));
  }
  return checks;
}

std::vector<DoctorCheck> CheckSecrets(const ServerFile& server,
                                      const EnvironmentLookup& environment) {
  std::vector<DoctorCheck> checks;
  AddWebhookSecrets("operations", server.operations.webhook, environment, checks);
  for (const SourceSettings& source : server.sources) {
    AddWebhookSecrets("source " + source.name.text(), source.webhook, environment, checks);
  }
  for (const ImageSourceSettings& source : server.images) {
    AddWebhookSecrets("source " + source.name.text(), source.webhook, environment, checks);
  }
  if (server.sonar) {
    checks.push_back(CheckSecret("sonar token", server.sonar->token, environment));
    AddWebhookSecrets("sonar", server.sonar->webhook, environment, checks);
  }
  for (const WatchSettings& watch : server.watches) {
    if (!watch.bucket) continue;
    const auto add = [&](const char* what, const std::optional<SecretReference>& secret) {
      if (!secret) return;
      checks.push_back(
          CheckSecret(fmt::format("watch {} {}", watch.name, what), *secret, environment));
    };
    add("access key", watch.bucket->access_key);
    add("secret key", watch.bucket->secret_key);
    add("session token", watch.bucket->session_token);
  }
  if (server.mlflow) {
    AddWebhookSecrets("mlflow", server.mlflow->webhook, environment, checks);
  }
  for (const auto& secret : server.secrets) {
    checks.push_back(CheckSecret("secret " + secret.first, secret.second.reference, environment));
  }
  return checks;
}

std::vector<DoctorCheck> CheckFolders(const ServerFile& server) {
  std::vector<DoctorCheck> checks;
  std::filesystem::path data = server.data_dir;
  std::error_code error;
  // The server makes it; what counts is whether it can.
  while (!std::filesystem::exists(data, error) && data != data.parent_path()) {
    data = data.parent_path();
  }
  checks.push_back(CheckFolder("data_dir", data));
  for (const std::filesystem::path& root : server.targets.directory_roots) {
    checks.push_back(CheckFolder("target root", root));
  }
  for (const WatchSettings& watch : server.watches) {
    if (!watch.bucket) checks.push_back(CheckWatch(watch));
  }
  return checks;
}

std::vector<DoctorCheck> CheckRemotes(const ServerFile& server,
                                      const EnvironmentLookup& environment,
                                      ProcessRunner& processes) {
  const TemporaryFolder home;
  std::vector<DoctorCheck> checks;
  const auto& operations = server.operations;
  checks.push_back(
      CheckRemote({"operations repository", operations.url, operations.credentials, operations.ca},
                  environment,
                  home.path(),
                  processes));
  for (const SourceSettings& source : server.sources) {
    checks.push_back(
        CheckRemote({"source " + source.name.text(), source.url, source.credentials, source.ca},
                    environment,
                    home.path(),
                    processes));
  }
  for (const ImageSourceSettings& source : server.images) {
    checks.push_back(CheckRegistry(source, environment));
  }
  return checks;
}

DoctorCheck CheckListening(const ServerFile& server) {
  if (server.listen.port == 0) {
    return {"server", CheckState::kOk, "listens on any free port; not looked for", ""};
  }
  ClientRequest request;
  const bool numeric6 = server.listen.address.find(':') != std::string::npos;
  const bool any = server.listen.address == "0.0.0.0" || server.listen.address == "::";
  const std::string host = any        ? "127.0.0.1"
                           : numeric6 ? "[" + server.listen.address + "]"
                                      : server.listen.address;
  request.url = server.listen.tls && !server.url.empty()
                    ? server.url + "/healthz"
                    : fmt::format("http://{}:{}/healthz", host, server.listen.port);
  request.connect_timeout = kListenDeadline;
  request.timeout = kListenDeadline;
  try {
    const ClientResponse response = Fetch(request);
    return response.status == 200
               ? DoctorCheck{"server", CheckState::kOk, "runs and answers", ""}
               : DoctorCheck{"server",
                             CheckState::kWarn,
                             fmt::format("something answers {} there", response.status),
                             "is the port taken by another program?"};
  } catch (const Error&) {
    return {"server",
            CheckState::kWarn,
            fmt::format("does not answer on port {}", server.listen.port),
            "start it: failgate serve --config " + server.file.string()};
  }
}

}  // namespace failgate
