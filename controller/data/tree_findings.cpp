#include "controller/data/tree_findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "controller/data/dvc_file.h"

namespace failgate {

TreeFindings LookAtTree(const std::filesystem::path& root) {
  TreeFindings found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.is_symlink() || !entry.is_regular_file()) {
      continue;
    }
    const std::string path = entry.path().lexically_relative(root).generic_string();
    if (IsDvcFile(path)) {
      found.dvc_files.push_back(path);
    }
    if (entry.file_size() >= kLfsPointerBytes) {
      continue;
    }
    const std::string bytes = ReadFile(entry.path(), kLfsPointerBytes);
    if (!LooksLikeLfsPointer(bytes)) {
      continue;
    }
    const Result<LfsPointer> pointer = ParseLfsPointer(bytes);
    if (!pointer) {
      found.refusal = Refusal{pointer.error().code,
                              fmt::format("{}: {}", OneLine(path, 300), pointer.error().text)};
      return found;
    }
    const auto mode = entry.status().permissions();
    const bool executable =
        (mode & std::filesystem::perms::owner_exec) != std::filesystem::perms::none;
    found.pointers.push_back({entry.path(), *pointer, executable});
  }
  std::sort(found.dvc_files.begin(), found.dvc_files.end());
  return found;
}

}  // namespace failgate
