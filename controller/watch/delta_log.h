// The log of a Delta Lake table, read from its JSON commits. Pure.
#pragma once

#include <map>
#include <optional>
#include <set>
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
    bool masked = false;  ///< by a deletion vector: not all of its rows count
    bool operator==(const Add&) const = default;
  };
  std::optional<std::string> table_id;  ///< of metaData
  /// With table_id: a column that files call otherwise.
  std::optional<std::string> renamed_column = {};
  std::vector<Add> added;
  std::vector<std::string> removed;
  /// An add or remove does not deny it: OPTIMIZE and VACUUM move the same rows only.
  bool data_change = false;
};

/// Refusals: delta_unreadable; delta_unsupported, for what cannot be read from JSON commits and
/// plain files (a catalog that holds commits back, unknown features), and for files that lie
/// outside of the table. Each says what to do.
[[nodiscard]] Result<DeltaCommit> ParseDeltaCommit(std::string_view text);

/// The table as its commits so far make it.
class DeltaTable {
 public:
  /// `version` must follow the last one. Refusal: delta_unreadable, for a first commit without
  /// metaData.
  [[nodiscard]] std::optional<Refusal> Apply(long long version, const DeltaCommit& commit);

  /// Why the files of this version do not show its rows by themselves; a later one may be mended.
  [[nodiscard]] std::optional<Refusal> FaultOfFiles() const;

  [[nodiscard]] const std::string& id() const { return id_; }
  /// -1 before the first.
  [[nodiscard]] long long version() const { return version_; }
  /// Files that are part of the newest version, with their sizes.
  [[nodiscard]] const std::map<std::string, long long>& files() const { return files_; }

 private:
  std::string id_;
  long long version_ = -1;
  std::map<std::string, long long> files_;
  std::set<std::string> masked_;
  std::optional<std::string> renamed_column_;
};

/// What a folder `_delta_log` holds.
struct DeltaListing {
  std::set<long long> commits;
  std::optional<long long> checkpoint;  ///< the highest one

  /// The highest commit without a gap from `next` on; nullopt when that one is not there.
  [[nodiscard]] std::optional<long long> LastFrom(long long next) const;
  /// Of commits and checkpoint; -1 for none.
  [[nodiscard]] long long Highest() const;
};
/// From the names in the folder; others are ignored.
[[nodiscard]] DeltaListing ReadDeltaListing(const std::vector<std::string>& names);

/// "00000000000000000017.json".
[[nodiscard]] std::string DeltaCommitName(long long version);

/// nullopt: not percent-encoded well, or no safe path below the table.
[[nodiscard]] std::optional<std::string> DecodeDeltaPath(std::string_view path);

}  // namespace failgate
