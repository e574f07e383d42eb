// Servers of this host that people deploy to: which of what listens is MLflow, Airflow or
// JupyterHub.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace failgate {

struct Listener {
  std::string host;  ///< to ask it at: "127.0.0.1", "[::1]", "10.0.0.7"
  int port = 0;
  bool operator==(const Listener&) const = default;
};

/// Out of /proc/net/tcp and /proc/net/tcp6, a port once, in the order of ports. One that listens at
/// every address is asked at the loopback. Pure; lines that cannot be read are left out.
[[nodiscard]] std::vector<Listener> ReadListeners(std::string_view tcp, std::string_view tcp6);

struct KnownServer {
  std::string kind;     ///< "MLflow", "Airflow", "JupyterHub"
  std::string version;  ///< empty = it does not say
};

/// The body of a GET of that path, nullopt when the answer is not 200.
using Probe = std::function<std::optional<std::string>(const std::string& path)>;
/// Asks until an answer is one of theirs; nullopt for any other server.
[[nodiscard]] std::optional<KnownServer> Recognise(const Probe& probe);

struct FoundServers {
  std::vector<std::pair<Listener, KnownServer>> servers;  ///< in the order of ports
  std::size_t not_asked = 0;                              ///< listeners beyond the bounds
};
/// What listens on this host now, each asked for 0.3 s a path, all of them for a few seconds at
/// most. Only GETs, over http, at addresses of this host.
[[nodiscard]] FoundServers FindServers();

}  // namespace failgate
