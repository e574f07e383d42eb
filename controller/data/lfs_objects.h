// Bringing the objects of git-lfs pointers from where their source keeps them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/base/result.h"
#include "controller/data/data_store.h"
#include "controller/data/lfs_pointer.h"
#include "controller/git/remote.h"
#include "controller/process/process.h"

namespace failgate {

/// Of one source. Nothing of its repository's content says where objects come from: `.lfsconfig` is
/// not read. Thread-safe.
class LfsObjects {
 public:
  /// `remote` is asked at each use: it reads the token.
  LfsObjects(DataStore& store, ProcessRunner& processes, std::function<RemoteConfig()> remote);

  /// Brings those that the store lacks: of a repository on this machine from its folder
  /// lfs/objects, else by the program git-lfs. Refused: data_absent, data_damaged, data_unreachable
  /// (credentials, or no program). Throws Error(kRetry) when waiting may help.
  [[nodiscard]] std::optional<Refusal> Bring(const std::vector<LfsPointer>& pointers,
                                             std::stop_token stop);

 private:
  [[nodiscard]] std::optional<Refusal> BringFrom(const std::vector<std::filesystem::path>& folders,
                                                 const std::vector<LfsPointer>& missing);

  DataStore& store_;
  ProcessRunner& processes_;
  std::function<RemoteConfig()> remote_;
};

}  // namespace failgate
