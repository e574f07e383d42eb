// What the releases of the log were made of, so that a new one need not be compared with each.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "controller/deploylog/log_tree.h"
#include "controller/release/release_record.h"

namespace failgate {

/// Knows the releases that the log holds; those of drafts are asked of the tree each time, and read
/// once. Reads a project's records once and then only what is new. Belongs to one log; not
/// thread-safe.
class ReleaseCatalogue {
 public:
  /// The newest release of the same run, or of the same revision, data and artifacts.
  [[nodiscard]] std::optional<ReleaseName> FindSame(const LogTree& tree,
                                                    const ReleaseRecord& record);
  /// Empty when there is none yet.
  [[nodiscard]] ReleaseName Newest(const LogTree& tree, const ProjectName& project);

 private:
  /// A record that only a draft has, as it was last seen: after a lost race its name is another's.
  struct Drafted {
    std::string json;
    std::vector<std::size_t> hashes;
  };
  struct Releases {
    bool read = false;
    std::optional<CommitId> at = {};  ///< the commit that holds no more than what is known
    long newest = 0;
    /// Hashes of what makes releases alike; the records themselves decide.
    std::unordered_multimap<std::size_t, long> alike;
  };
  Releases& Refresh(const LogTree& tree, const ProjectName& project);
  static void Learn(Releases& releases, long number, const std::string& json);
  /// Whether hashes say so; the record decides.
  static bool MayBeSame(Drafted& drafted, std::string json, const std::vector<std::size_t>& hashes);

  std::map<ProjectName, Releases> projects_;
  std::optional<CommitId> drafted_on_;
  std::map<ReleaseName, Drafted> drafted_;  ///< of all projects, since the log was at `drafted_on_`
};

}  // namespace failgate
