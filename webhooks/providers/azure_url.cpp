#include "webhooks/providers/azure_url.h"

#include <string>
#include <string_view>
#include <vector>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kHost = "dev.azure.com";
constexpr std::string_view kOlderHostEnd = ".visualstudio.com";

}  // namespace

std::optional<RepositoryUrl> AzureSshUrl(const RepositoryUrl& https) {
  std::vector<std::string> parts = Split(https.path, '/');
  RepositoryUrl ssh;
  ssh.ssh = true;
  if (https.host == kHost) {
    ssh.host = "ssh.dev.azure.com";
  } else if (https.host.size() > kOlderHostEnd.size() &&
             https.host.substr(https.host.size() - kOlderHostEnd.size()) == kOlderHostEnd) {
    // The organisation is in the host, and may be followed by the name of its only collection.
    ssh.host = "vs-ssh.visualstudio.com";
    if (parts.front() == "defaultcollection") {
      parts.erase(parts.begin());
    }
    parts.insert(parts.begin(), https.host.substr(0, https.host.size() - kOlderHostEnd.size()));
  } else {
    return std::nullopt;
  }
  // organisation/project/_git/name, the project being left out when it has the name.
  if (parts.size() == 3 && parts[1] == "_git") {
    parts.insert(parts.begin() + 1, parts[2]);
  }
  if (https.port != 0 || parts.size() != 4 || parts[2] != "_git") {
    return std::nullopt;
  }
  ssh.path = "v3/" + parts[0] + "/" + parts[1] + "/" + parts[3];
  return ssh;
}

}  // namespace failgate
