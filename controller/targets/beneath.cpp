#include "controller/targets/beneath.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr mode_t kFolderMode = 0755;

enum class WhenMissing { kStop, kMake };

void MakeFolder(int parent, const std::string& name, const std::string& object) {
  if (mkdirat(parent, name.c_str(), kFolderMode) != 0) {
    if (errno == EEXIST) return;
    throw ErrnoError("creating folder", object, errno);
  }
  // The umask must not decide who can read what is deployed.
  if (fchmodat(parent, name.c_str(), kFolderMode, 0) != 0) {
    throw ErrnoError("setting the mode of", object, errno);
  }
  SyncFile(parent, object);
}

FolderBeneath Walk(int root, const std::string& relative, WhenMissing missing) {
  FolderBeneath found;
  FileDescriptor current(openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!current.valid()) throw ErrnoError("opening", relative, errno);
  std::string so_far;
  for (const std::string& part : Split(relative, '/')) {
    if (part.empty()) continue;
    so_far += so_far.empty() ? part : "/" + part;
    FileDescriptor next(openat(current.get(), part.c_str(), kFolderFlags));
    if (!next.valid() && errno == ENOENT) {
      if (missing == WhenMissing::kStop) return found;
      MakeFolder(current.get(), part, so_far);
      next = FileDescriptor(openat(current.get(), part.c_str(), kFolderFlags));
    }
    if (!next.valid()) {
      if (errno != ELOOP && errno != ENOTDIR) throw ErrnoError("opening", so_far, errno);
      found.in_the_way = so_far;
      return found;
    }
    current = std::move(next);
  }
  found.folder = std::move(current);
  return found;
}

}  // namespace

FileDescriptor OpenRoot(const std::filesystem::path& root) {
  FileDescriptor folder(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) {
    throw ErrnoError("opening the root of the directory target", root.string(), errno);
  }
  return folder;
}

FolderBeneath OpenBeneath(int root, const std::string& relative) {
  return Walk(root, relative, WhenMissing::kStop);
}

FolderBeneath MakeBeneath(int root, const std::string& relative) {
  return Walk(root, relative, WhenMissing::kMake);
}

FileDescriptor OpenFileIn(int folder, const std::string& name) {
  // O_NONBLOCK: a pipe that somebody put there must not hold us.
  FileDescriptor file(openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) {
    if (errno == ENOENT || errno == ELOOP || errno == ENXIO) return file;
    throw ErrnoError("opening", name, errno);
  }
  struct stat status {};
  if (fstat(file.get(), &status) != 0) throw ErrnoError("looking at", name, errno);
  if (!S_ISREG(status.st_mode)) file.Close();
  return file;
}

std::filesystem::path PathThrough(int folder, const std::string& name) {
  std::filesystem::path path = fmt::format("/proc/self/fd/{}", folder);
  return name.empty() ? path : path / name;
}

}  // namespace failgate
