#include "controller/daemon/data_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>

#include "controller/base/error.h"

namespace failgate {

DataLock::DataLock(const std::filesystem::path& data_dir) {
  CreateFolders(data_dir, 0711);
  const auto path = data_dir / "lock";
  file_ = FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file_.valid()) {
    throw ErrnoError("opening", path.string(), errno);
  }
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("another failgate works on {}: stop it, or give this one its own "
                            "data_dir",
                            data_dir.string()));
  }
}

}  // namespace failgate
