// A watch of kind delta: takes the files of each version of a Delta Lake table whose data changed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "controller/base/guarded.h"
#include "controller/config/server_file.h"
#include "controller/store/watch_store.h"
#include "controller/watch/delta_log.h"
#include "controller/watch/folder_notices.h"
#include "controller/watch/object_source.h"
#include "controller/watch/watched_bytes.h"
#include "controller/watch/watched_folder.h"

namespace failgate {

/// Not thread-safe, but for Status and Wake.
class DeltaWatch : public WatchedFolder {
 public:
  /// The stores must outlive it. `environment` is asked for the credentials of a bucket.
  DeltaWatch(WatchSettings settings,
             WatchStore& store,
             WatchedBytes& data,
             const Clock& clock,
             const EnvironmentLookup& environment = {});

  /// Throws Error also for a table that cannot be read (delta_log.h), which is told until it can.
  [[nodiscard]] bool Step(const std::stop_token& stop) override;
  void Wait() override;
  void Pause(Milliseconds time) override { notices_.Rest(time); }
  void Wake() override { notices_.Wake(); }
  [[nodiscard]] WatchStatus Status() const override { return *status_.Lock(); }

 private:
  /// A commit that may not be whole yet, if it was written in its place.
  struct Waiting {
    std::string name;
    std::string state;
    SteadyTime since;
  };
  /// The table as far as its commits were read, and what they changed.
  struct Reading {
    DeltaTable table;
    bool data_change = false;
    bool is_another = false;    ///< than the one whose files are known
    std::string commit_sha256;  ///< of the newest one
  };
  void Resume();
  [[nodiscard]] bool IsStillTheTable(const DeltaListing& listing);
  /// Throws Error when the commit `next` can never come: it was cleaned away.
  void RefuseIfCut(const DeltaListing& listing, long long next);
  /// Applies commits that are whole and were not read yet.
  void ReadOn(const DeltaListing& listing, Reading& reading);
  [[nodiscard]] bool IsWhole(const std::string& name);
  [[nodiscard]] bool Take(const Reading& reading, const std::stop_token& stop);
  /// Bytes of a file of the table, those that are kept for no version yet among them; nullopt: the
  /// program ends.
  [[nodiscard]] std::optional<WatchedFile> TakeFile(const Reading& reading,
                                                    const std::string& path,
                                                    long long size,
                                                    const std::stop_token& stop);

  const WatchSettings settings_;
  WatchStore& store_;
  WatchedBytes& data_;
  const Clock& clock_;
  FolderNotices notices_;
  const std::unique_ptr<ObjectSource> source_;
  Reading read_;
  std::string commit_state_;  ///< of the newest commit that was read; empty = not known
  std::map<std::string, WatchedFile> known_;  ///< files of the newest version that was taken
  std::map<std::string, WatchedFile> taken_;  ///< of the next one, when not all could be taken
  std::string taken_of_;                      ///< the id of their table
  std::optional<Waiting> waiting_;
  std::optional<SteadyTime> behind_since_;  ///< commits are there, the newest perhaps not whole
  std::set<std::string> arrived_;           ///< commits that came by rename
  Guarded<WatchStatus> status_;
};

}  // namespace failgate
