// Which deploy files claim directories that are one, or lie one inside the other.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "controller/promotion/project_deployment.h"

namespace failgate {

/// Of one reading of the operations repository; the deployments outlive it.
class PathUses {
 public:
  struct Use {
    std::string path;
    ProjectDeployment* deployment = nullptr;
  };
  struct Clash {
    const Use* use = nullptr;
    const Use* other = nullptr;
  };
  /// `path` as DirectoryTarget has it, not empty.
  void Add(const std::string& path, ProjectDeployment* deployment);
  /// Each use with each use of another deployment that overlaps it, in the order they were added;
  /// of one use the first kMaxClashes only: one is enough to stop a pair. Valid until Add.
  [[nodiscard]] std::vector<Clash> Clashes() const;
  static constexpr std::size_t kMaxClashes = 20;

 private:
  void Collect(std::size_t index, std::vector<std::size_t>& others) const;
  void AddOthers(std::size_t index,
                 const std::vector<std::size_t>& found,
                 std::vector<std::size_t>& others) const;
  std::vector<Use> uses_;
  std::map<std::string, std::vector<std::size_t>> by_path_;
};

}  // namespace failgate
