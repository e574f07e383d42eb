#include "controller/cli/operations_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/durable_file.h"
#include "controller/cli/gate_names.h"
#include "controller/git/repository.h"
#include "controller/promotion/operations_files.h"
#include "controller/promotion/operations_paths.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

/// A git repository inside of the tree is not part of it.
bool IsRepository(const std::filesystem::path& folder) {
  return std::filesystem::exists(folder / "HEAD") && std::filesystem::exists(folder / "objects");
}

std::vector<OperationsFile> ReadFiles(const std::filesystem::path& folder) {
  std::vector<OperationsFile> files;
  for (auto entry = std::filesystem::recursive_directory_iterator(folder);
       entry != std::filesystem::recursive_directory_iterator();
       ++entry) {
    if (entry->is_symlink()) {
      continue;
    }
    if (entry->is_directory()) {
      if (entry->path().filename() == ".git" || IsRepository(entry->path())) {
        entry.disable_recursion_pending();
      }
      continue;
    }
    OperationsFile file;
    file.path = entry->path().lexically_relative(folder).generic_string();
    if (IsOperationsPath(file.path)) {
      file.text = ReadFile(entry->path(), kMaxFileBytes);
    }
    file.blob = Repository::HashBlob(file.text);
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(), [](const OperationsFile& a, const OperationsFile& b) {
    return a.path < b.path;
  });
  return files;
}

OperationsView ReadTree(const std::filesystem::path& folder) {
  const std::vector<OperationsFile> files = ReadFiles(folder);
  OperationsView view = ReadOperations(files);
  for (const OperationsFile& file : files) {
    Problems problems = NamesOfNothing(file, view);
    view.problems.insert(view.problems.end(), problems.begin(), problems.end());
  }
  return view;
}

/// Problems name files from the root of the tree; people want paths they can open.
void PutBelow(const std::filesystem::path& folder, Problems& problems) {
  for (Problem& problem : problems) {
    problem.file = (folder / problem.file).lexically_normal().string();
  }
}

}  // namespace

bool IsOperationsTree(const std::filesystem::path& folder) {
  return std::filesystem::is_directory(folder / "environments") ||
         std::filesystem::is_directory(folder / "desired");
}

CheckedFile CheckOperationsTree(const std::filesystem::path& folder) {
  OperationsView view = ReadTree(folder);
  CheckedFile checked;
  checked.path = folder.string();
  checked.problems = std::move(view.problems);
  PutBelow(folder, checked.problems);
  std::string ladder;
  for (const EnvironmentName& environment : view.ladder.order) {
    ladder += (ladder.empty() ? "" : " > ") + environment.text();
  }
  checked.what =
      fmt::format("operations repository: {}; {} deployments", ladder, view.deployments.size());
  return checked;
}

std::optional<CheckedFile> CheckOperationsFile(const std::filesystem::path& file) {
  const std::filesystem::path whole = std::filesystem::absolute(file).lexically_normal();
  std::filesystem::path root =
      whole.filename() == "people_signers" ? whole.parent_path() : std::filesystem::path();
  for (std::filesystem::path place = whole.parent_path(); place != place.parent_path();
       place = place.parent_path()) {
    const std::string name = place.filename().string();
    if (name == "environments" || name == "desired" || name == "approvals") {
      root = place.parent_path();
      break;
    }
  }
  if (root.empty()) {
    return std::nullopt;
  }
  const std::string inside = whole.lexically_relative(root).generic_string();
  const OperationsPath meaning = ClassifyPath(inside);
  if (meaning.kind == OperationsPathKind::kOther) {
    return std::nullopt;
  }
  OperationsView view = ReadTree(root);
  CheckedFile checked;
  checked.path = file.string();
  checked.what = "file of an operations repository";
  for (Problem& problem : view.problems) {
    if (problem.file == inside) {
      problem.file = file.string();
      checked.problems.push_back(std::move(problem));
    }
  }
  return checked;
}

}  // namespace failgate
