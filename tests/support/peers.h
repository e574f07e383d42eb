// Real systems that `scripts/setup peers` puts into folders outside the tree.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tests/support/running_program.h"

namespace failgate {

/// ${FAILGATE_PEERS:-$HOME/.cache/failgate-peers}/NAME.
[[nodiscard]] std::filesystem::path PeerFolder(const std::string& name);
/// Empty when it is there, else the reason for a skip.
[[nodiscard]] std::string MissingPeer(const std::string& name);

/// `mlflow server` of "mlflow2" or "mlflow3" over SQLite, on a free port of 127.0.0.1, for as long
/// as this object lives. It takes seconds to start: the tests of a program share one.
class MlflowPeer {
 public:
  /// `folder` holds its database and artifacts. Does not wait: two may start at one time.
  MlflowPeer(const std::string& name, const std::filesystem::path& folder);
  /// Until it answers. Throws Error when it does not come up.
  void Await() const;
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  std::string name_;
  std::string url_;
  std::optional<RunningProgram> program_;
};

}  // namespace failgate
