#include "controller/watch/folder_notices.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>

#include "controller/base/error.h"

namespace failgate {
namespace {

constexpr std::uint32_t kMask = IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE |
                                IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF |
                                IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;
constexpr std::uint32_t kRoot = kMask & ~static_cast<std::uint32_t>(IN_DONT_FOLLOW);

FileDescriptor Opened(int fd, const char* what) {
  FileDescriptor file(fd);
  if (!file.valid()) throw ErrnoError("making", what, errno);
  return file;
}

}  // namespace

FolderNotices::FolderNotices(std::filesystem::path root)
    : root_(std::move(root)),
      notices_(Opened(inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "an inotify instance")),
      wake_(Opened(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "an eventfd")) {}

bool FolderNotices::Add(const std::string& folder, bool& limit) {
  const std::filesystem::path path = folder.empty() ? root_ : root_ / folder;
  const int number =
      inotify_add_watch(notices_.get(), path.c_str(), folder.empty() ? kRoot : kMask);
  if (number < 0) {
    limit = errno == ENOSPC;
    return false;
  }
  folders_[number] = folder;
  return true;
}

void FolderNotices::Wait(Milliseconds timeout) {
  std::array<pollfd, 2> waits{pollfd{notices_.get(), POLLIN, 0}, pollfd{wake_.get(), POLLIN, 0}};
  const auto most = static_cast<Milliseconds::rep>(std::numeric_limits<int>::max());
  const int milliseconds =
      static_cast<int>(std::clamp<Milliseconds::rep>(timeout.count(), 0, most));
  if (poll(waits.data(), waits.size(), milliseconds) > 0 && (waits[1].revents & POLLIN) != 0) {
    std::uint64_t count = 0;
    static_cast<void>(read(wake_.get(), &count, sizeof count));
  }
}

void FolderNotices::Rest(Milliseconds time) {
  pollfd wake{wake_.get(), POLLIN, 0};
  static_cast<void>(poll(&wake, 1, static_cast<int>(time.count())));
}

void FolderNotices::Wake() {
  const std::uint64_t one = 1;
  static_cast<void>(write(wake_.get(), &one, sizeof one));
}

Notices FolderNotices::Take() {
  Notices notices;
  alignas(inotify_event) std::array<char, std::size_t{64} << 10U> buffer{};
  while (true) {
    const ssize_t count = read(notices_.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN) throw ErrnoError("reading notices of", root_.string(), errno);
    if (count <= 0) return notices;
    for (ssize_t at = 0; at < count;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* name = buffer.data() + at + sizeof event;
      at += static_cast<ssize_t>(sizeof event + event.len);
      if ((event.mask & IN_IGNORED) != 0) {
        folders_.erase(event.wd);
        notices.lost = true;
      }
      const auto folder = folders_.find(event.wd);
      if (event.len == 0 || folder == folders_.end()) {
        notices.lost =
            notices.lost || (event.mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF)) != 0;
        continue;
      }
      if ((event.mask & IN_ISDIR) != 0) {
        notices.lost = notices.lost ||
                       (event.mask & (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)) != 0;
        continue;
      }
      const std::string path =
          folder->second.empty() ? std::string(name) : folder->second + "/" + name;
      ((event.mask & IN_MOVED_TO) != 0 ? notices.arrived : notices.changed).insert(path);
    }
  }
}

void FolderNotices::Reset() {
  for (const auto& folder : folders_) {
    static_cast<void>(inotify_rm_watch(notices_.get(), folder.first));
  }
  folders_.clear();
}

}  // namespace failgate
