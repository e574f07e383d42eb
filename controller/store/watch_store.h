// What is known of data outside of git: its files, its versions, and which of them had their run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/store/database.h"

namespace failgate {

struct WatchedFile {
  std::string path;    ///< relative to the watch, '/' separated
  std::string sha256;  ///< 64 hex digits of the bytes that were kept
  long long size = 0;
  std::string state = {};  ///< by which the file is known not to have changed
  bool operator==(const WatchedFile&) const = default;
};

/// What a watch found since its last version.
struct WatchNews {
  std::vector<WatchedFile> taken;  ///< new, or with other bytes than before
  std::vector<std::string> gone;
};

struct WatchVersion {
  long long number = 0;  ///< from 1, in the order they were taken
  std::string version;   ///< "sha256:…" or "delta:…"; "none" when no file is left
  TimePoint at;
};

/// A version without any file.
inline constexpr const char* kNoVersion = "none";

/// Thread-safe; one thread a watch writes. A file has one row for each time its bytes changed, so
/// that any version kept can be told again.
class WatchStore {
 public:
  explicit WatchStore(Database& database, const Clock& clock = SystemClock());

  /// Files of the newest version, sorted by path.
  [[nodiscard]] std::vector<WatchedFile> Files(const std::string& watch) const;
  [[nodiscard]] std::optional<WatchVersion> Newest(const std::string& watch) const;
  /// nullopt: there is no such version any more.
  [[nodiscard]] std::optional<std::vector<WatchedFile>> FilesOf(const std::string& watch,
                                                                const std::string& version) const;

  /// Says what the version that has these files, sorted by path, is called.
  using Naming = std::function<std::string(const std::vector<WatchedFile>&)>;
  /// Takes the news and names the version that comes of them, in one commit. False: it has the name
  /// of the newest one, so that there is nothing to tell.
  bool Advance(const std::string& watch, const WatchNews& news, const Naming& naming);
  /// The same bytes as before, known by other states.
  void SetStates(const std::string& watch, const std::vector<WatchedFile>& files);
  /// Forgets all versions but the newest `keep` and those of `since` or later; the digests of bytes
  /// that this watch has no more use for.
  std::vector<std::string> Prune(const std::string& watch, long long keep, TimePoint since);
  /// Whether a version of any watch still has these bytes.
  [[nodiscard]] bool Uses(const std::string& sha256) const;

  /// The watched part of the data version that the newest data run of a project was made for.
  [[nodiscard]] std::string Planned(const ProjectName& project) const;
  void SetPlanned(const ProjectName& project, const std::string& data);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace failgate
