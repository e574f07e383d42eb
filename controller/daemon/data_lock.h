// One process a data directory: what product.md §6 promises about two controllers on one disk.
#pragma once

#include <filesystem>

#include "controller/base/durable_file.h"

namespace failgate {

/// Makes the data directory and holds flock on DATA/lock for as long as it lives. Throws
/// Error(kNeedsChange) when another process holds it, after a second at most.
class DataLock {
 public:
  explicit DataLock(const std::filesystem::path& data_dir);

 private:
  FileDescriptor file_;
};

}  // namespace failgate
