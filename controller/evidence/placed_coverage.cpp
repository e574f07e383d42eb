#include "controller/evidence/placed_coverage.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "controller/base/text.h"
#include "controller/evidence/evidence.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxOfOneName = 1000;

std::string_view BaseName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool IsOrEndsWith(std::string_view path, std::string_view end) {
  if (path == end) {
    return true;
  }
  return path.size() > end.size() && path.substr(path.size() - end.size()) == end &&
         path[path.size() - end.size() - 1] == '/';
}

/// nullopt: it may be any of several.
using Place = std::optional<std::string>;

/// Views of the paths it was made of.
class JavaFiles {
 public:
  explicit JavaFiles(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
      by_base_[BaseName(file)].push_back(file);
    }
  }

  [[nodiscard]] Place PlaceOf(const std::string& measured) const {
    const auto same_base = by_base_.find(BaseName(measured));
    if (same_base == by_base_.end()) {
      return measured;
    }
    if (same_base->second.size() > kMaxOfOneName) {
      return std::nullopt;
    }
    std::vector<std::string_view> modules;
    std::string_view rest = measured;
    for (std::size_t end = rest.find(":/"); end != std::string_view::npos; end = rest.find(":/")) {
      modules.push_back(rest.substr(0, end));
      rest.remove_prefix(end + 2);
    }
    const std::vector<std::string_view> found = EndingWith(same_base->second, rest);
    return found.empty() ? Place(measured) : OnlyOne(found, modules);
  }

 private:
  static std::vector<std::string_view> EndingWith(const std::vector<std::string_view>& files,
                                                  std::string_view end) {
    std::vector<std::string_view> found;
    std::copy_if(files.begin(), files.end(), std::back_inserter(found), [&](std::string_view file) {
      return IsOrEndsWith(file, end);
    });
    return found;
  }

  static Place OnlyOne(const std::vector<std::string_view>& found,
                       const std::vector<std::string_view>& modules) {
    std::vector<std::string_view> of_module;
    std::copy_if(found.begin(), found.end(), std::back_inserter(of_module), [&](auto file) {
      return std::all_of(modules.begin(), modules.end(), [&](std::string_view module) {
        const std::string folder = std::string(module) + "/";
        return file.substr(0, folder.size()) == folder ||
               file.find("/" + folder) != std::string_view::npos;
      });
    });
    if (found.size() == 1) {
      return std::string(found.front());
    }
    return of_module.size() == 1 ? Place(std::string(of_module.front())) : std::nullopt;
  }

  std::unordered_map<std::string_view, std::vector<std::string_view>> by_base_;
};

std::string PlaceOfGo(const std::string& measured,
                      const std::map<std::string, std::string>& modules) {
  std::string place = measured;
  std::size_t longest = 0;
  for (const auto& [module, folder] : modules) {
    const bool inside = measured.size() > module.size() &&
                        measured.compare(0, module.size(), module) == 0 &&
                        measured[module.size()] == '/';
    if (inside && module.size() >= longest) {
      longest = module.size();
      place = (folder.empty() ? "" : folder + "/") + measured.substr(module.size() + 1);
    }
  }
  return place;
}

}  // namespace

PlacedCoverage PlaceCoverage(const Report& report, const SourceTree& tree) {
  PlacedCoverage placed;
  placed.coverage.files_outside = report.coverage.files_outside;
  const bool java = report.dialect == "jacoco";
  const bool go = report.dialect == "go";
  if (!java && !go) {
    placed.coverage = report.coverage;
    return placed;
  }
  const auto java_files = java ? std::optional<JavaFiles>(tree.files) : std::nullopt;
  for (const auto& [path, lines] : report.coverage.files) {
    const Place place =
        java_files ? java_files->PlaceOf(path) : Place(PlaceOfGo(path, tree.go_modules));
    if (!place && placed.ambiguous.empty()) {
      placed.ambiguous = path;
    }
    CoverageReport one;
    one.files[place.value_or(path)] = lines;
    MergeCoverage(placed.coverage, one);
  }
  return placed;
}

std::string GoModuleOf(std::string_view go_mod) {
  for (const std::string& line : Split(go_mod, '\n')) {
    std::string_view text = Trim(line);
    constexpr std::string_view kModule = "module ";
    if (text.substr(0, kModule.size()) == kModule) {
      text = Trim(text.substr(kModule.size(), text.find("//") - kModule.size()));
      if (text.size() > 1 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
      }
      return std::string(text);
    }
  }
  return {};
}

}  // namespace failgate
