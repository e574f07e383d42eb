#include "controller/git/leftovers.h"

#include <string>
#include <system_error>

#include "controller/base/durable_file.h"

namespace failgate {
namespace {

bool IsLeftover(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return file.extension() == ".lock" || name.rfind("tmp_pack_", 0) == 0 ||
         name.rfind("tmp_obj_", 0) == 0 || name.rfind("tmp_idx_", 0) == 0 ||
         name.rfind("tmp_rev_", 0) == 0 || name.rfind(".tmp-", 0) == 0;
}

}  // namespace

void RemoveGitLeftovers(const std::filesystem::path& repository) {
  std::error_code absent;
  std::filesystem::recursive_directory_iterator entry(repository, absent);
  for (; !absent && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(absent)) {
    if (IsLeftover(entry->path())) {
      RemoveTree(entry->path());
    }
  }
}

}  // namespace failgate
