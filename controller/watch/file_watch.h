// A watch of kind files: takes each file that is whole, once.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/base/guarded.h"
#include "controller/config/server_file.h"
#include "controller/store/watch_store.h"
#include "controller/watch/folder_notices.h"
#include "controller/watch/watched_bytes.h"
#include "controller/watch/watched_folder.h"

namespace failgate {

/// Not thread-safe, but for Status and Wake.
class FileWatch : public WatchedFolder {
 public:
  /// The stores must outlive it.
  FileWatch(WatchSettings settings, WatchStore& store, WatchedBytes& data, const Clock& clock);

  [[nodiscard]] bool Step(const std::stop_token& stop) override;
  void Wait() override;
  void Pause(Milliseconds time) override { notices_.Rest(time); }
  void Wake() override { notices_.Wake(); }
  [[nodiscard]] WatchStatus Status() const override { return *status_.Lock(); }

 private:
  /// A file that may not be whole yet.
  struct Candidate {
    std::string state;
    SteadyTime since;      ///< it has been seen in this state
    bool arrived = false;  ///< it came by rename
  };
  void LookAtAll(int root);
  void LookAtFolder(int root, const std::string& folder, std::set<std::string>& seen);
  /// One name that changed, perhaps a marker.
  void LookAt(int root, const std::string& path, bool arrived);
  void LookAtFile(int root, const std::string& path, bool arrived);
  [[nodiscard]] bool IsWhole(int root, const std::string& path, const Candidate& candidate) const;
  /// nullopt = the file is not whole yet; else takes its bytes.
  [[nodiscard]] std::optional<WatchedFile> Take(int root,
                                                const std::string& path,
                                                const std::stop_token& stop);
  [[nodiscard]] bool Advance(const WatchNews& news, const std::vector<WatchedFile>& same);
  [[nodiscard]] Milliseconds Quiet() const;

  const WatchSettings settings_;
  WatchStore& store_;
  WatchedBytes& data_;
  const Clock& clock_;
  FolderNotices notices_;
  std::map<std::string, WatchedFile> known_;  ///< files of the newest version
  std::map<std::string, Candidate> candidates_;
  std::map<std::string, SteadyTime> gone_;  ///< known ones that are not there any more, since when
  SteadyTime next_scan_{};
  bool scan_now_ = true;
  std::string trouble_;  ///< why notices do not come for every folder
  Guarded<WatchStatus> status_;
};

/// "sha256:…" of one file's bytes; of several, that over each path, a NUL, its hex digest and a
/// line feed, sorted by path; kNoVersion without any.
[[nodiscard]] std::string NameOfFiles(const std::vector<WatchedFile>& files);

}  // namespace failgate
