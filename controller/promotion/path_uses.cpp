#include "controller/promotion/path_uses.h"

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {

void PathUses::Add(const std::string& path, ProjectDeployment* deployment) {
  by_path_[path].push_back(uses_.size());
  uses_.push_back(Use{path, deployment});
}

void PathUses::AddOthers(std::size_t index,
                         const std::vector<std::size_t>& found,
                         std::vector<std::size_t>& others) const {
  for (const std::size_t other : found) {
    if (others.size() >= kMaxClashes) return;
    if (uses_[other].deployment != uses_[index].deployment) others.push_back(other);
  }
}

void PathUses::Collect(std::size_t index, std::vector<std::size_t>& others) const {
  const std::string& path = uses_[index].path;
  AddOthers(index, by_path_.at(path), others);
  for (std::size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0;
       slash = path.rfind('/', slash - 1)) {
    const auto above = by_path_.find(path.substr(0, slash));
    if (above != by_path_.end()) AddOthers(index, above->second, others);
  }
  const std::string inside = path + "/";
  for (auto below = by_path_.lower_bound(inside);
       below != by_path_.end() && others.size() < kMaxClashes &&
       below->first.compare(0, inside.size(), inside) == 0;
       ++below) {
    AddOthers(index, below->second, others);
  }
}

std::vector<PathUses::Clash> PathUses::Clashes() const {
  std::vector<Clash> clashes;
  for (std::size_t index = 0; index < uses_.size(); ++index) {
    std::vector<std::size_t> others;
    Collect(index, others);
    std::sort(others.begin(), others.end());
    for (const std::size_t other : others) clashes.push_back(Clash{&uses_[index], &uses_[other]});
  }
  return clashes;
}

}  // namespace failgate
