// Where the objects of a watch come from: a folder of this machine, or a bucket.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/base/result.h"
#include "controller/config/secret_reference.h"
#include "controller/config/server_file.h"
#include "controller/watch/folder_notices.h"
#include "controller/watch/watched_bytes.h"

namespace failgate {

/// What is known of an object without reading it.
struct ObjectStatus {
  std::string state = {};  ///< another one whenever its bytes may be others; empty = not known
  long long size = 0;
  std::chrono::nanoseconds written{};  ///< since 1970, by the clock of the source
};

/// Paths are relative to the watch, '/' separated. Not thread-safe. Every call throws Error when
/// the source cannot be asked: what cannot be seen is never taken for gone.
class ObjectSource {
 public:
  virtual ~ObjectSource() = default;

  /// Before each look, which `stop` ends: what is asked then throws.
  virtual void Begin(const std::stop_token& /*stop*/) {}
  using Wanted = std::function<bool(const std::string& path)>;
  using Use = std::function<void(const std::string& path, const ObjectStatus& status)>;
  /// Calls `use` for every object that is wanted and not hidden, in no order.
  virtual void List(const Wanted& wanted, const Use& use) = 0;
  /// Names of what lies right in the folder; nullopt: there is no such folder.
  [[nodiscard]] virtual std::optional<std::vector<std::string>> NamesIn(
      const std::string& folder) = 0;
  /// nullopt: there is no such object.
  [[nodiscard]] virtual std::optional<ObjectStatus> Look(const std::string& path) = 0;
  /// As Look, of a marker; perhaps as it was when the source was listed last.
  [[nodiscard]] virtual std::optional<ObjectStatus> LookAtMarker(const std::string& path) {
    return Look(path);
  }
  /// All of its bytes; nullopt: there is no such object. Larger than `most` throws.
  [[nodiscard]] virtual std::optional<std::string> Read(const std::string& path,
                                                        std::size_t most) = 0;
  /// Keeps its bytes. `expected` is what they were looked at as; of an empty state only the size
  /// counts. Refusals: file_missing; file_changed; stopped.
  [[nodiscard]] virtual Result<WatchedBytes::Taken> Take(
      const std::string& path,
      const ObjectStatus& expected,
      const std::stop_token& stop,
      const WatchedBytes::Progress& progress) = 0;

  /// Objects appear whole, by one request, and nobody tells of them: what is due is looked at
  /// again.
  [[nodiscard]] virtual bool IsRemote() const { return false; }
  /// What keeps it from telling of changes at once; empty = nothing.
  [[nodiscard]] virtual std::string Trouble() const { return {}; }
};

/// What the settings name. All but the settings must outlive it; `notices` tell of a folder's
/// changes, and of a bucket wait only.
[[nodiscard]] std::unique_ptr<ObjectSource> MakeObjectSource(const WatchSettings& settings,
                                                             WatchedBytes& data,
                                                             const EnvironmentLookup& environment,
                                                             FolderNotices& notices);

}  // namespace failgate
