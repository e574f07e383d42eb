#include "controller/sync/remote_settings.h"

#include <utility>

#include "controller/base/error.h"

namespace failgate {

RemoteConfig MakeRemoteConfig(const std::string& url,
                              const RemoteCredentials& credentials,
                              const std::optional<std::filesystem::path>& ca,
                              const std::filesystem::path& home,
                              const EnvironmentLookup& environment) {
  RemoteConfig config;
  config.url = url;
  if (credentials.token) {
    Result<Secret> token = ReadSecret(*credentials.token, environment);
    if (!token) {
      throw Error(Remedy::kNeedsChange, token.error().text);
    }
    config.token = std::move(token).value();
  }
  config.ssh_key = credentials.ssh_key;
  config.known_hosts = credentials.known_hosts;
  config.ca_file = ca;
  config.home = home;
  return config;
}

}  // namespace failgate
