// Real systems that `scripts/setup peers` puts into folders outside the tree.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

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

/// The S3 of moto, on a free port of 127.0.0.1, for as long as this object lives; its objects are
/// in memory. It takes a second to start: the tests of a program share one, each with buckets of
/// its own.
class MotoPeer {
 public:
  /// Until it answers. Throws Error when it does not come up.
  explicit MotoPeer(const std::filesystem::path& folder);
  [[nodiscard]] const std::string& url() const { return url_; }
  /// Requests that nobody signed, which it takes unless it was told to check. `path`: "BUCKET"
  /// makes the bucket, "BUCKET/KEY" an object.
  void Put(const std::string& path, const std::string& bytes = "") const;
  void Delete(const std::string& path) const;
  /// A person whose key may do `action` with these resources, separated by commas: access key and
  /// secret key.
  [[nodiscard]] std::pair<std::string, std::string> AddPerson(
      const std::string& name, const std::string& action, const std::string& resources = "*") const;
  /// Whether signatures are computed again and permissions asked, from now on.
  void CheckAccess(bool check) const;

 private:
  void Send(const std::string& method, const std::string& path, const std::string& bytes) const;
  std::string url_;
  std::optional<RunningProgram> program_;
};

}  // namespace failgate
