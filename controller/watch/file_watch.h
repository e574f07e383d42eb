// A watch of kind files: takes each file or object that is whole, once.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/guarded.h"
#include "controller/config/server_file.h"
#include "controller/store/watch_store.h"
#include "controller/watch/folder_notices.h"
#include "controller/watch/object_source.h"
#include "controller/watch/watched_bytes.h"
#include "controller/watch/watched_folder.h"

namespace failgate {

/// Not thread-safe, but for Status and Wake.
class FileWatch : public WatchedFolder {
 public:
  /// The stores must outlive it. `environment` is asked for the credentials of a bucket.
  FileWatch(WatchSettings settings,
            WatchStore& store,
            WatchedBytes& data,
            const Clock& clock,
            const EnvironmentLookup& environment = {});

  [[nodiscard]] bool Step(const std::stop_token& stop) override;
  void Wait() override;
  void Pause(Milliseconds time) override { notices_.Rest(time); }
  void Wake() override { notices_.Wake(); }
  [[nodiscard]] WatchStatus Status() const override { return *status_.Lock(); }

 private:
  /// A file that may not be whole yet.
  struct Candidate {
    ObjectStatus status;
    SteadyTime since;                       ///< it has been seen in this state
    bool arrived = false;                   ///< it came by rename
    std::optional<WatchedFile> taken = {};  ///< its bytes are kept, no version has them yet
  };
  void LookAtAll();
  /// One name that changed, perhaps a marker.
  void LookAt(const std::string& path, bool arrived);
  void LookAtFile(const std::string& path, const std::optional<ObjectStatus>& status, bool arrived);
  [[nodiscard]] bool IsWhole(const std::string& path, const Candidate& candidate);
  /// Whether something has lain still for long enough.
  [[nodiscard]] bool IsDue() const;
  /// nullopt = the file is not whole yet; else takes its bytes.
  [[nodiscard]] std::optional<WatchedFile> Take(const std::string& path,
                                                const std::stop_token& stop);
  [[nodiscard]] bool Advance(const WatchNews& news, const std::vector<WatchedFile>& same);
  [[nodiscard]] Milliseconds Quiet() const;

  const WatchSettings settings_;
  WatchStore& store_;
  WatchedBytes& data_;
  const Clock& clock_;
  FolderNotices notices_;
  const std::unique_ptr<ObjectSource> source_;
  std::map<std::string, WatchedFile> known_;  ///< files of the newest version
  std::map<std::string, Candidate> candidates_;
  std::map<std::string, SteadyTime> gone_;  ///< known ones that are not there any more, since when
  SteadyTime next_scan_{};
  bool scan_now_ = true;
  Guarded<WatchStatus> status_;
};

/// "sha256:…" of one file's bytes; of several, that over each path, a NUL, its hex digest and a
/// line feed, sorted by path; kNoVersion without any.
[[nodiscard]] std::string NameOfFiles(const std::vector<WatchedFile>& files);

}  // namespace failgate
