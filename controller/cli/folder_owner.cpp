#include "controller/cli/folder_owner.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <exception>

#include "controller/base/error.h"

namespace failgate {

FolderOwner::FolderOwner(const std::filesystem::path& folder) {
  struct stat info = {};
  if (geteuid() != 0 || stat(folder.c_str(), &info) != 0 || info.st_uid == 0) {
    return;
  }
  const gid_t former = getegid();
  if (setegid(info.st_gid) != 0) {
    throw ErrnoError("taking the group of", folder.string(), errno);
  }
  if (seteuid(info.st_uid) != 0) {
    throw ErrnoError("acting as the owner of", folder.string(), errno);
  }
  former_group_ = former;
}

FolderOwner::~FolderOwner() {
  if (former_group_ && (seteuid(0) != 0 || setegid(*former_group_) != 0)) {
    std::terminate();  // going on with half of somebody's rights would be worse
  }
}

}  // namespace failgate
