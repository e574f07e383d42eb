#include "controller/daemon/data_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>

#include <cerrno>

#include "controller/base/error.h"

namespace failgate {
namespace {

// A child that a killed controller was just starting holds a copy of its lock until it has become
// its own program.
constexpr int kTries = 50;
constexpr int kApartMs = 20;

bool Acquire(int file) {
  for (int tries = 1; ::flock(file, LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (tries == kTries) {
      return false;
    }
    ::poll(nullptr, 0, kApartMs);
  }
  return true;
}

}  // namespace

DataLock::DataLock(const std::filesystem::path& data_dir) {
  CreateFolders(data_dir, 0711);
  const auto path = data_dir / "lock";
  file_ = FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file_.valid()) {
    throw ErrnoError("opening", path.string(), errno);
  }
  if (!Acquire(file_.get())) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("another failgate works on {}: stop it, or give this one its own "
                            "data_dir",
                            data_dir.string()));
  }
}

}  // namespace failgate
