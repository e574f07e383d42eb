// The log of a Delta Lake table, read from its JSON commits. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.h"

namespace failgate {

/// What one commit, `%020d.json`, says.
struct DeltaCommit {
  struct Add {
    std::string path;  ///< decoded, relative to the table, safe
    long long size = 0;
    bool operator==(const Add&) const = default;
  };
  std::optional<std::string> table_id;  ///< of metaData
  std::vector<Add> added;
  std::vector<std::string> removed;
  /// An add or remove says so: OPTIMIZE and VACUUM move the same rows only.
  bool data_change = false;
};

/// Refusals: delta_unreadable; delta_unsupported, for what cannot be read from JSON commits and
/// plain files (a catalog that holds commits back, deletion vectors, unknown features), and for
/// files that lie outside of the table. Each says what to do.
[[nodiscard]] Result<DeltaCommit> ParseDeltaCommit(std::string_view text);

/// The table as its commits so far make it.
class DeltaTable {
 public:
  /// `version` must follow the last one. Refusal: delta_unreadable, for a first commit without
  /// metaData.
  [[nodiscard]] std::optional<Refusal> Apply(long long version, const DeltaCommit& commit);

  [[nodiscard]] const std::string& id() const { return id_; }
  /// -1 before the first.
  [[nodiscard]] long long version() const { return version_; }
  /// Files that are part of the newest version, with their sizes.
  [[nodiscard]] const std::map<std::string, long long>& files() const { return files_; }

 private:
  std::string id_;
  long long version_ = -1;
  std::map<std::string, long long> files_;
};

/// What a folder `_delta_log` holds.
struct DeltaListing {
  std::optional<long long> first;       ///< the lowest commit
  long long last = -1;                  ///< the highest commit without a gap from `first` on
  std::optional<long long> checkpoint;  ///< the highest one
};
/// From the names in the folder; others are ignored. A gap is where a clean-up cut.
[[nodiscard]] DeltaListing ReadDeltaListing(const std::vector<std::string>& names);

/// "00000000000000000017.json".
[[nodiscard]] std::string DeltaCommitName(long long version);

/// nullopt: not percent-encoded well, or no safe path below the table.
[[nodiscard]] std::optional<std::string> DecodeDeltaPath(std::string_view path);

}  // namespace failgate
