// Versions of watched data as runs use them: in the data version, and in a folder of a step.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/result.h"
#include "controller/config/server_file.h"
#include "controller/pipeline/pipeline_file.h"
#include "controller/store/watch_store.h"
#include "controller/watch/watched_bytes.h"

namespace failgate {

/// One watch of a pipeline and its version: "sales@sha256:…" in a data version.
struct WatchedPart {
  std::string name;
  std::string version;
  bool operator==(const WatchedPart&) const = default;
};

/// The parts behind that of git, joined by "; "; `git` may be empty.
[[nodiscard]] std::string JoinDataVersion(const std::string& git,
                                          const std::vector<WatchedPart>& parts);
/// The inverse for the watches of a run's plan, in their order; fewer when the version does not end
/// in them.
[[nodiscard]] std::vector<WatchedPart> WatchedPartsOf(const std::string& data_version,
                                                      const std::vector<std::string>& watches);

/// Thread-safe. The stores must outlive it.
class WatchedData {
 public:
  WatchedData(std::vector<WatchSettings> settings, WatchStore& store, WatchedBytes& data);

  /// The newest version of each watch that the pipeline uses, sorted by name; kNoVersion for one
  /// that has none. Refusal: unknown_watch, for one that the server file does not give the project.
  [[nodiscard]] Result<std::vector<WatchedPart>> Newest(const Pipeline& pipeline) const;
  /// Makes `folder` with the files of that version, read-only. `shared`: the reader cannot write
  /// there whatever it does, so that no copy is needed. Refusal: version_gone. Throws Error as
  /// WatchedBytes::Place.
  [[nodiscard]] std::optional<Refusal> Place(const WatchedPart& part,
                                             const std::filesystem::path& folder,
                                             bool shared) const;

 private:
  const std::vector<WatchSettings> settings_;
  WatchStore& store_;
  WatchedBytes& data_;
};

}  // namespace failgate
