// Bringing what `.dvc` files name from a folder laid out as a DVC cache or remote.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "controller/base/result.h"
#include "controller/data/data_store.h"
#include "controller/data/dvc_file.h"

namespace failgate {

/// One file that an output stands for.
struct DvcBytes {
  std::string path;    ///< from the root of the source
  std::string sha256;  ///< in the store
};

/// Of one source; the folder is the server file's, never that of `.dvc/config`. Thread-safe.
class DvcObjects {
 public:
  DvcObjects(DataStore& store, std::filesystem::path remote);

  /// All files of the output, brought and verified. Refused: data_absent, data_damaged,
  /// invalid_dvc.
  [[nodiscard]] Result<std::vector<DvcBytes>> Bring(const DvcOut& out);

 private:
  [[nodiscard]] Result<std::string> BringObject(const std::string& md5,
                                                bool former,
                                                const char* end,
                                                std::optional<long long> size);

  DataStore& store_;
  std::filesystem::path remote_;
};

}  // namespace failgate
