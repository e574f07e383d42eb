// Which data a revision holds, as one line (product.md §1, §5).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/guarded.h"
#include "controller/base/ids.h"
#include "controller/git/repository.h"
#include "controller/pipeline/pipeline_file.h"

namespace failgate {

struct DataFile {
  std::string path;
  std::string sha256;  ///< 64 hex digits of its bytes
};

/// "path@sha256:…" for one file (control characters escaped), "N files@sha256:…" for more: the
/// digest over each path, a NUL, its hex digest and a line feed, sorted by path. Empty for none.
[[nodiscard]] std::string FormatDataVersion(std::vector<DataFile> files);

/// The sha256 a git-lfs pointer stands for; nullopt for anything else.
[[nodiscard]] std::optional<std::string> LfsDigest(std::string_view bytes);

/// Digests of files by blob id. Thread-safe.
class DataVersions {
 public:
  /// Over the files that match the data trigger; empty without one. Throws Error as Repository does
  /// and for files over 1 GiB that are no pointers.
  [[nodiscard]] std::string Of(const Repository& repository,
                               const CommitId& revision,
                               const Pipeline& pipeline);

 private:
  [[nodiscard]] std::string DigestOf(const Repository& repository, const ObjectId& blob);
  Guarded<std::map<ObjectId, std::string>> known_;
};

}  // namespace failgate
