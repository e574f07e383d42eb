#include "controller/watch/folder_source.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "controller/artifacts/folder_tree.h"
#include "controller/base/error.h"
#include "controller/watch/watched_names.h"

namespace failgate {
namespace {

constexpr const char* kNoMoreNotices =
    "the kernel watches no more folders: raise fs.inotify.max_user_watches";

struct FolderCloser {
  void operator()(DIR* folder) const { closedir(folder); }
};

bool IsFolder(int parent, const dirent& entry) {
  struct stat status {};
  // Some file systems do not say.
  return entry.d_type == DT_DIR ||
         (entry.d_type == DT_UNKNOWN &&
          fstatat(parent, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
          S_ISDIR(status.st_mode));
}

}  // namespace

FolderSource::FolderSource(std::filesystem::path folder, WatchedBytes& data, FolderNotices& notices)
    : folder_(std::move(folder)), data_(data), notices_(notices) {}

void FolderSource::Begin(const std::stop_token& /*stop*/) {
  // Each time anew: another folder may be mounted there meanwhile.
  root_ = FileDescriptor(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root_.valid()) throw ErrnoError("opening the watched folder", folder_.string(), errno);
}

void FolderSource::List(const Wanted& wanted, const Use& use) {
  bool limit = false;
  trouble_.clear();
  if (!notices_.Add("", limit) && limit) trouble_ = kNoMoreNotices;
  ListFolder("", wanted, use);
}

void FolderSource::ListFolder(const std::string& folder, const Wanted& wanted, const Use& use) {
  const int fd =
      OpenBelow(root_.get(), folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY).Release();
  const std::unique_ptr<DIR, FolderCloser> opened(fd < 0 ? nullptr : fdopendir(fd));
  if (!opened) throw ErrnoError("reading", (folder_ / folder).string(), errno);
  std::vector<std::string> folders;
  errno = 0;
  while (const dirent* entry = readdir(opened.get())) {
    const std::string name = entry->d_name;
    const std::string path = folder.empty() ? name : folder + "/" + name;
    if (IsHiddenName(name)) continue;
    if (IsFolder(dirfd(opened.get()), *entry)) {
      folders.push_back(path);
    } else if (wanted(path)) {
      if (const auto status = Look(path)) use(path, *status);
    }
    errno = 0;
  }
  if (errno != 0) throw ErrnoError("reading", (folder_ / folder).string(), errno);
  for (const std::string& below : folders) {
    bool limit = false;
    if (!notices_.Add(below, limit) && !limit) continue;  // it went meanwhile
    if (limit) trouble_ = kNoMoreNotices;
    ListFolder(below, wanted, use);
  }
}

std::optional<std::vector<std::string>> FolderSource::NamesIn(const std::string& folder) {
  std::error_code failed;
  std::filesystem::directory_iterator entries(folder_ / folder, failed);
  if (failed == std::errc::no_such_file_or_directory) return std::nullopt;
  if (failed) throw ErrnoError("reading", (folder_ / folder).string(), failed.value());
  std::vector<std::string> names;
  for (const auto& entry : entries) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

/// The file itself, no part of its path a link.
std::optional<ObjectStatus> FolderSource::Look(const std::string& path) {
  const FileDescriptor file = OpenBelow(root_.get(), path, O_PATH);
  struct stat status {};
  if (!file.valid() || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return ObjectStatus{FileStateOf(status),
                      status.st_size,
                      std::chrono::seconds(status.st_mtim.tv_sec) +
                          std::chrono::nanoseconds(status.st_mtim.tv_nsec)};
}

std::optional<std::string> FolderSource::Read(const std::string& path, std::size_t most) {
  return ReadFileIfPresent(folder_ / path, most);
}

Result<WatchedBytes::Taken> FolderSource::Take(const std::string& path,
                                               const ObjectStatus& /*expected*/,
                                               const std::stop_token& stop,
                                               const WatchedBytes::Progress& progress) {
  return data_.Take(root_.get(), path, stop, progress);
}

}  // namespace failgate
