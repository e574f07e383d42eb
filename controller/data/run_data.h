// What a revision names and git keeps elsewhere, brought into the workspace of a step: objects of
// git-lfs, outputs of DVC, trees of sources of kind data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/data/data_store.h"
#include "controller/git/remote.h"
#include "controller/process/process.h"
#include "policies/data_facts.h"

namespace failgate {

/// A source of kind data, and where its tree goes.
struct PlacedDataSource {
  SourceName source;
  CommitId revision;
  std::string at;  ///< IsSafeRelativePath
};

struct DataOrder {
  SourceName source;                ///< of the code
  std::vector<std::string> paths;   ///< globs: which of its DVC files count
  std::filesystem::path workspace;  ///< holds the exported tree and nothing a step wrote
  std::vector<PlacedDataSource> sources = {};
  std::uint64_t max_bytes = 0;  ///< of all that is brought
};

/// How the data of one source is reached.
struct DataAccess {
  std::function<RemoteConfig()> remote;                  ///< reads the token at each use
  std::optional<std::filesystem::path> dvc_remote = {};  ///< of the server file
};

/// Thread-safe.
class RunData {
 public:
  RunData(std::filesystem::path store,
          std::filesystem::path mirrors,
          ProcessRunner& processes,
          std::map<SourceName, DataAccess> sources);

  /// Puts bytes in place of every git-lfs pointer of the tree, the outputs beside the DVC files
  /// that count, and the trees of data sources. Counts objects kept outside of git. Refused, with
  /// what to do: what is absent, damaged or too large, or has no place. Throws Error(kRetry) when
  /// waiting may help; the workspace is then half filled and the caller's to remove.
  [[nodiscard]] Result<DataObjects> Place(const DataOrder& order, std::stop_token stop);

 private:
  class Root;

  DataStore store_;
  std::filesystem::path mirrors_;
  ProcessRunner& processes_;
  std::map<SourceName, DataAccess> sources_;
};

}  // namespace failgate
