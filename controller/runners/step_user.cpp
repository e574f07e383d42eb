#include "controller/runners/step_user.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "controller/base/error.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

/// A name in the abstract socket space is a lock of the whole machine that cannot be left behind.
std::optional<FileDescriptor> TryLock(uid_t uid) {
  FileDescriptor lock(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!lock.valid()) throw ErrnoError("make", "a lock for the user of a step", errno);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string name = fmt::format("failgate-step-user-{}", uid);
  std::copy(name.begin(), name.end(), address.sun_path + 1);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (bind(lock.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0) return lock;
  if (errno == EADDRINUSE) return std::nullopt;
  throw ErrnoError("take", name, errno);
}

void Give(const fs::path& path, uid_t uid, gid_t gid) {
  if (lchown(path.c_str(), uid, gid) != 0) {
    throw ErrnoError("give to the user of a step:", path.string(), errno);
  }
}

}  // namespace

std::optional<StepUser> StepUser::Take() {
  if (geteuid() != 0) return std::nullopt;
  for (uid_t slot = 0; slot < kStepUsers; ++slot) {
    std::optional<FileDescriptor> lock = TryLock(kFirstStepUser + slot);
    if (lock) return StepUser(kFirstStepUser + slot, std::move(*lock));
  }
  throw Error(Remedy::kRetry, fmt::format("all {} users for steps are taken", kStepUsers));
}

void GiveTree(const fs::path& folder, const ProcessUser& user) {
  struct stat top = {};
  if (lstat(folder.c_str(), &top) != 0 || !S_ISDIR(top.st_mode)) {
    throw Error(Remedy::kNeedsChange, fmt::format("workspace {} is no folder", folder.string()));
  }
  // The top last: until then nobody else gets in and can change what is walked here.
  for (fs::recursive_directory_iterator entry(folder), end; entry != end; ++entry) {
    struct stat status = {};
    if (lstat(entry->path().c_str(), &status) != 0) {
      throw ErrnoError("look at", entry->path().string(), errno);
    }
    if (status.st_dev != top.st_dev) {
      entry.disable_recursion_pending();
      continue;
    }
    Give(entry->path(), user.uid, user.gid);
  }
  Give(folder, user.uid, user.gid);
}

void TakeBackFolder(const fs::path& folder) {
  Give(folder, geteuid(), getegid());
  if (chmod(folder.c_str(), 0700) != 0) throw ErrnoError("shut", folder.string(), errno);
}

}  // namespace failgate
