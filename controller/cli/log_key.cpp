#include "controller/cli/log_key.h"

#include "controller/deploylog/deploy_log.h"

namespace failgate {
namespace {

/// Where the controller keeps its mirror of the operations repository
/// (controller/daemon/folders.h).
constexpr const char* kMirror = "operations.git";

}  // namespace

std::filesystem::path MirrorOfOperations(const ServerFile& server) {
  return server.data_dir / kMirror;
}

std::string KeyOfTheLog(const ServerFile& server) {
  const auto mirror = MirrorOfOperations(server);
  if (!std::filesystem::exists(mirror / "HEAD")) {
    return {};
  }
  const Repository repository = Repository::Open(mirror);
  const auto controller = LogTree(repository, repository.Ref(kAcceptedLogRef)).Controller();
  return controller ? controller->key : std::string();
}

}  // namespace failgate
