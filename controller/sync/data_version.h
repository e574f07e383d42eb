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
#include "controller/base/result.h"
#include "controller/config/server_file.h"
#include "controller/git/repository.h"
#include "controller/pipeline/pipeline_file.h"
#include "controller/store/head_store.h"

namespace failgate {

struct DataFile {
  std::string path;
  std::string sha256;      ///< 64 hex digits of its bytes; empty = known by `other`
  std::string other = {};  ///< "md5:HEX" or "md5:HEX.dir", of DVC
};

/// "path@sha256:…" or "path@md5:…" for one file (control characters and ';' escaped),
/// "N files@sha256:…" for more: the digest over each path, a NUL, its hex digest (of DVC: with
/// "md5:" in front) and a line feed, sorted by path. Empty for none.
[[nodiscard]] std::string FormatDataVersion(std::vector<DataFile> files);

/// The sha256 a git-lfs pointer stands for; nullopt for anything else.
[[nodiscard]] std::optional<std::string> LfsDigest(std::string_view bytes);

/// Digests of files by blob id. Thread-safe.
class DataVersions {
 public:
  DataVersions() = default;
  /// Those of `sources` that are of kind data are parts of the version: their newest known heads.
  DataVersions(const std::vector<SourceSettings>& sources, const HeadStore& heads);

  /// Over the files that match the data trigger (what a DVC file names instead of it), then the
  /// sources of kind data of the project. Refused: invalid_dvc; unbound_source, for one that the
  /// pipeline names and the server file does not give the project. Throws Error as Repository does
  /// and for files over 1 GiB that are no pointers.
  [[nodiscard]] Result<std::string> Of(const Repository& repository,
                                       const CommitId& revision,
                                       const Pipeline& pipeline);
  /// Newest known heads of the project's sources of kind data.
  [[nodiscard]] std::map<SourceName, CommitId> SourcesOf(const ProjectName& project) const;
  /// Whether the project has sources of kind data, known or not.
  [[nodiscard]] bool HasSources(const ProjectName& project) const;

 private:
  struct BoundSource {
    SourceName name;
    std::string ref;
    std::vector<ProjectName> projects;
  };
  [[nodiscard]] static bool IsBound(const BoundSource& source, const ProjectName& project);
  [[nodiscard]] Result<std::string> OwnPart(const Repository& repository,
                                            const CommitId& revision,
                                            const DataTrigger& trigger);
  [[nodiscard]] std::string DigestOf(const Repository& repository, const ObjectId& blob);
  std::vector<BoundSource> sources_;
  const HeadStore* heads_ = nullptr;
  Guarded<std::map<ObjectId, std::string>> known_;
};

}  // namespace failgate
