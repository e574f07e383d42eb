// The bare mirror of one source on our disk: what the remote had when it was fetched last.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/git/remote.h"
#include "controller/git/repository.h"

namespace failgate {

/// One worker at a time fetches into it; readers open MIRRORS/SOURCE.git on their own.
class SourceMirror {
 public:
  SourceMirror(const std::filesystem::path& mirrors, const SourceName& source, const Clock& clock);

  /// Makes the repository when it is absent; one that cannot be opened is set aside first.
  void Prepare();
  /// Removes what a killed fetch left (locks, half packs). At start only, when nobody fetches.
  void RemoveLeftovers();
  /// Branches of the remote become refs/heads/* here; those that are gone there go here too.
  void Fetch(const Remote& remote, Milliseconds deadline);
  /// Branches as fetched last, sorted by name; names that git itself would refuse are left out.
  [[nodiscard]] std::vector<RefEntry> Heads() const;
  /// False when branches, commits or trees of the heads cannot be read.
  [[nodiscard]] bool HeadsAreReadable() const;
  /// Every object is there and right, as `git fsck` says. Slow: for a mirror under suspicion.
  [[nodiscard]] bool IsIntact(ProcessRunner& processes, Milliseconds deadline) const;
  /// Renames it to NAME.broken-TIME; an older one that was set aside is removed.
  void SetAside();

  [[nodiscard]] Repository Open() const { return Repository::Open(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  const Clock& clock_;
};

}  // namespace failgate
