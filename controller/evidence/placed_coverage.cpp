#include "controller/evidence/placed_coverage.h"

#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "controller/evidence/evidence.h"

namespace failgate {
namespace {

std::string_view BaseName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool EndsWithPart(std::string_view path, std::string_view end) {
  return path.size() > end.size() && path.substr(path.size() - end.size()) == end &&
         path[path.size() - end.size() - 1] == '/';
}

class Files {
 public:
  explicit Files(const std::vector<std::string>& files) : all_(files.begin(), files.end()) {
    for (const std::string_view file : all_) {
      by_base_[BaseName(file)].push_back(file);
    }
  }

  [[nodiscard]] std::string_view NameOf(std::string_view measured) const {
    if (all_.count(measured) != 0) {
      return measured;
    }
    if (const std::string_view longer = OnlyOneThatEndsWith(measured); !longer.empty()) {
      return longer;
    }
    for (std::string_view end = measured; end.find('/') != std::string_view::npos;) {
      end.remove_prefix(end.find('/') + 1);
      if (all_.count(end) != 0) {
        return end;
      }
    }
    return measured;
  }

 private:
  [[nodiscard]] std::string_view OnlyOneThatEndsWith(std::string_view measured) const {
    std::string_view only;
    const auto same_base = by_base_.find(BaseName(measured));
    if (same_base == by_base_.end()) {
      return only;
    }
    for (const std::string_view file : same_base->second) {
      if (!EndsWithPart(file, measured)) {
        continue;
      }
      if (!only.empty()) {
        return {};
      }
      only = file;
    }
    return only;
  }

  std::unordered_set<std::string_view> all_;
  std::unordered_map<std::string_view, std::vector<std::string_view>> by_base_;
};

}  // namespace

CoverageReport PlaceCoverage(const CoverageReport& coverage,
                             const std::vector<std::string>& files) {
  const Files known(files);
  CoverageReport placed;
  placed.files_outside = coverage.files_outside;
  for (const auto& [path, lines] : coverage.files) {
    CoverageReport one;
    one.files[std::string(known.NameOf(path))] = lines;
    MergeCoverage(placed, one);
  }
  return placed;
}

}  // namespace failgate
