#include "tests/support/peers.h"

#include <fmt/format.h>
#include <poll.h>

#include <cstdlib>

#include "controller/base/error.h"
#include "controller/http/http_client.h"

namespace failgate {
namespace {

/// A busy machine takes a minute.
constexpr int kLooks = 900;
constexpr int kPauseMilliseconds = 200;

bool Answers(const std::string& url) {
  ClientRequest request;
  request.url = url + "/health";
  try {
    return Fetch(request).status == 200;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::filesystem::path PeerFolder(const std::string& name) {
  const char* folder = std::getenv("FAILGATE_PEERS");
  const char* home = std::getenv("HOME");
  const std::filesystem::path peers =
      folder != nullptr
          ? std::filesystem::path(folder)
          : std::filesystem::path(home != nullptr ? home : "/root") / ".cache/failgate-peers";
  return peers / name;
}

std::string MissingPeer(const std::string& name) {
  return std::filesystem::exists(PeerFolder(name) / "installed")
             ? std::string()
             : fmt::format("there is no {}: scripts/setup peers installs it",
                           PeerFolder(name).string());
}

MlflowPeer::MlflowPeer(const std::string& name, const std::filesystem::path& folder) : name_(name) {
  const int port = RecentlyFreePort();
  url_ = fmt::format("http://127.0.0.1:{}", port);
  // gunicorn: MLflow 3's own choice asks for numpy and pandas at its start. No jobs for the same
  // reason.
  program_.emplace(std::vector<std::string>{"/usr/bin/env",
                                            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false",
                                            (PeerFolder(name) / "bin/python").string(),
                                            "-m",
                                            "mlflow",
                                            "server",
                                            "--host",
                                            "127.0.0.1",
                                            "--port",
                                            std::to_string(port),
                                            "--workers",
                                            "1",
                                            "--gunicorn-opts",
                                            "--timeout 120",
                                            "--backend-store-uri",
                                            fmt::format("sqlite:///{}/mlflow.db", folder.string()),
                                            "--artifacts-destination",
                                            (folder / "artifacts").string()},
                   folder);
}

void MlflowPeer::Await() const {
  for (int look = 0; look < kLooks && !Answers(url_); ++look) {
    ::poll(nullptr, 0, kPauseMilliseconds);
  }
  if (!Answers(url_)) throw Error(Remedy::kNeedsChange, name_ + ": " + program_->output());
}

}  // namespace failgate
