// Bytes of watched data by their SHA-256, beside the artifacts: copied and hashed in one pass of
// constant memory, whatever their size.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "controller/base/clock.h"
#include "controller/base/guarded.h"
#include "controller/base/result.h"

namespace failgate {

/// By which a file is known to be the one that was looked at: size, times and inode.
[[nodiscard]] std::string FileStateOf(const struct stat& status);

/// Layout: objects/AB/REST, tmp/. One process owns the folder (the data lock); methods may be
/// called from several threads. A failing disk throws Error and leaves no half object.
class WatchedBytes {
 public:
  /// Makes the folder and removes what an interrupted Take left.
  explicit WatchedBytes(std::filesystem::path root);

  struct Taken {
    std::string sha256;
    long long size = 0;
    std::string state;  ///< FileStateOf before and after; empty of what was received
  };
  /// Called now and then from the thread of Take.
  using Progress = std::function<void(long long done, long long size)>;
  /// Copies the regular file `relative` below the open `folder`, no part of it a link. On the disk
  /// when it returns. Refusals: file_missing; file_changed while it was read, so that nothing is
  /// kept; stopped.
  [[nodiscard]] Result<Taken> Take(int folder,
                                   const std::string& relative,
                                   const std::stop_token& stop,
                                   const Progress& progress);

  using Sink = std::function<void(std::string_view bytes)>;
  /// Keeps what `feed` hands to the sink, hashed on its way. On the disk when it returns. What
  /// `feed` refuses is passed on, and nothing is kept.
  [[nodiscard]] Result<Taken> Receive(
      const std::function<std::optional<Refusal>(const Sink& sink)>& feed);

  /// Makes `destination`, a file that is not there yet: as another name of the kept bytes where the
  /// reader cannot write (`shared`), else as a copy. The bytes are verified once a life of the
  /// program. Throws Error(kNeedsChange) that names the digest when they are gone or damaged.
  void Place(const std::string& sha256, const std::filesystem::path& destination, bool shared);
  [[nodiscard]] bool Has(const std::string& sha256) const;
  /// False: they were taken a moment ago, perhaps for somebody who has not said so yet.
  bool Remove(const std::string& sha256);
  /// Calls `use` for each digest kept.
  void ForEach(const std::function<void(const std::string& sha256)>& use) const;

 private:
  class Staged;
  void Verify(const std::string& sha256);
  void Keep(Staged& staged, const std::string& sha256);

  std::filesystem::path root_;
  Guarded<std::map<std::string, std::string>> verified_;  ///< digest to what it was known by
  Guarded<std::map<std::string, SteadyTime>> taken_;      ///< lately, and when
};

}  // namespace failgate
