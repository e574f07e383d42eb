#include "controller/checks/check_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/git/tree_mode.h"
#include "controller/promotion/operations_paths.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxCheckFiles = 20'000;

std::string FolderOf(const EnvironmentName& environment) {
  return "environments/" + environment.text();
}

bool IsRead(const std::string& path) {
  const OperationsPathKind kind = ClassifyPath(path).kind;
  return kind == OperationsPathKind::kEnvironment || kind == OperationsPathKind::kProject;
}

}  // namespace

CheckFilesFact CheckFilesAt(const Repository& operations,
                            const CommitId& commit,
                            const EnvironmentName& environment) {
  const std::string folder = FolderOf(environment);
  std::vector<std::string> lines;
  for (const TreeEntry& entry : operations.FindFiles(commit, folder, kMaxCheckFiles)) {
    if (IsRead(entry.name)) continue;
    // NUL ends a line: a path may hold anything else.
    lines.push_back(fmt::format("{} {} {}",
                                TreeModeOf(entry.kind),
                                entry.id.text(),
                                entry.name.substr(folder.size() + 1)) +
                    '\0');
  }
  std::sort(lines.begin(), lines.end());
  std::string listing = "failgate check files 1\n";
  for (const std::string& line : lines) listing += line;
  return CheckFilesFact{commit, "sha256:" + Sha256Hex(listing)};
}

void LayOutCheckFiles(const Repository& operations,
                      const CheckFilesFact& files,
                      const EnvironmentName& environment,
                      const std::filesystem::path& folder,
                      const ExportLimits& limits) {
  if (CheckFilesAt(operations, files.commit, environment) != files) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("the files of {} at {} are not those that were decided upon",
                            FolderOf(environment),
                            files.commit.text()));
  }
  operations.ExportTree(files.commit, folder, limits, FolderOf(environment));
  for (const TreeEntry& entry : operations.ListFolder(files.commit, FolderOf(environment))) {
    if (entry.kind != TreeEntryKind::kFolder && IsRead(FolderOf(environment) + "/" + entry.name)) {
      RemoveTree(folder / entry.name);
    }
  }
}

}  // namespace failgate
