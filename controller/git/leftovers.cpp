#include "controller/git/leftovers.h"

#include <string>
#include <system_error>

#include "controller/base/durable_file.h"
#include "controller/base/ids.h"
#include "controller/base/log.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

bool IsLeftover(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return file.extension() == ".lock" || name.rfind("tmp_pack_", 0) == 0 ||
         name.rfind("tmp_obj_", 0) == 0 || name.rfind("tmp_idx_", 0) == 0 ||
         name.rfind("tmp_rev_", 0) == 0 || name.rfind(".tmp-", 0) == 0;
}

/// gitrepository-layout(5): an id, or the name of another ref.
bool IsWholeRef(const std::filesystem::path& file) {
  const std::string text = ReadFile(file);
  return text.rfind("ref: ", 0) == 0 || IsObjectId(Trim(text));
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

void RemoveTornRefs(const std::filesystem::path& repository) {
  std::error_code absent;
  std::filesystem::recursive_directory_iterator entry(repository / "refs", absent);
  for (; !absent && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(absent)) {
    if (entry->is_regular_file() && !IsWholeRef(entry->path())) {
      log::Warning("a ref was not whole and is removed", {{"file", entry->path().string()}});
      RemoveTree(entry->path());
    }
  }
}

}  // namespace failgate
