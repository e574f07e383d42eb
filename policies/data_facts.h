// What is known of the data a release was made with: plain data for evidence and decisions.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace failgate {

/// Objects that git names and keeps elsewhere (git-lfs, DVC): each was brought and matched its
/// digest, else the run had failed. 0 = the data lies in git itself.
struct DataObjects {
  long long count = 0;
  long long bytes = 0;
  bool operator==(const DataObjects&) const = default;
};

struct DataColumn {
  std::string type;  ///< as the report says, "int64"
  long long nulls = 0;
  bool operator==(const DataColumn&) const = default;
};

/// What a step reported of the table it read.
struct DataTable {
  long long rows = 0;
  std::map<std::string, DataColumn> columns;  ///< by name, not empty
  bool operator==(const DataTable&) const = default;
};

struct DataEvidence {
  std::optional<DataObjects> objects = {};  ///< nullopt: not recorded
  std::optional<DataTable> table = {};      ///< nullopt: no step reported one
  bool operator==(const DataEvidence&) const = default;
};

/// Columns of the data that the release in the environment to be entered was made with.
struct ChampionDataFact {
  std::string release;
  std::map<std::string, std::string> columns;  ///< name -> type
  bool operator==(const ChampionDataFact&) const = default;
};

/// No report has more: they stand in every decision.
inline constexpr std::size_t kMaxDataColumns = 1000;

}  // namespace failgate
