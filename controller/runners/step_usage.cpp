#include "controller/runners/step_usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/process/process_stat.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

Folder OpenFolderAt(int parent, const char* name) {
  const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return nullptr;
  Folder folder(fdopendir(fd));
  if (!folder) close(fd);
  return folder;
}

/// The number in a line "Threads:\t3" or "RssAnon:\t  123 kB"; 0 when absent.
long long StatusNumber(const std::string& status, std::string_view key) {
  const std::size_t at = status.find(key);
  if (at == std::string::npos) return 0;
  const std::size_t from = status.find_first_of("0123456789", at + key.size());
  if (from == std::string::npos) return 0;
  const std::size_t end = status.find_first_not_of("0123456789", from);
  return ParseNonNegative(status.substr(from, end - from)).value_or(0);
}

/// A walk that keeps one descriptor for each level it is in.
class DiskWalk {
 public:
  explicit DiskWalk(long long enough) : enough_(enough) {}

  DiskUsage Measure(const fs::path& top) {
    Enter(AT_FDCWD, top.c_str());
    while (!levels_.empty() && usage_.bytes <= enough_ && !usage_.too_deep) {
      const dirent* entry = readdir(levels_.back().get());
      if (entry == nullptr) {
        levels_.pop_back();
        continue;
      }
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") Count(entry->d_name);
    }
    return usage_;
  }

 private:
  void Enter(int parent, const char* name) {
    if (levels_.size() >= static_cast<std::size_t>(kMaxWorkspaceDepth)) {
      usage_.too_deep = true;
      return;
    }
    Folder folder = OpenFolderAt(parent, name);
    if (folder) {
      levels_.push_back(std::move(folder));
    } else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
      usage_.unreadable = true;
    }
  }

  void Count(const char* name) {
    struct stat status = {};
    const int here = dirfd(levels_.back().get());
    if (fstatat(here, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    const bool folder = S_ISDIR(status.st_mode);
    if (!folder && status.st_nlink > 1 && !seen_.emplace(status.st_dev, status.st_ino).second) {
      return;
    }
    constexpr long long kBlockBytes = 512;
    usage_.bytes += static_cast<long long>(status.st_blocks) * kBlockBytes;
    if (folder) Enter(here, name);
  }

  long long enough_;
  DiskUsage usage_;
  std::vector<Folder> levels_;
  std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace

ProcessUsage MeasureProcesses(const fs::path& proc, const std::function<bool(pid_t)>& counts) {
  ProcessUsage usage;
  const Folder folder = OpenFolderAt(AT_FDCWD, proc.c_str());
  if (!folder) return usage;
  while (const dirent* entry = readdir(folder.get())) {
    const std::optional<long long> pid = ParseNonNegative(entry->d_name);
    if (!pid || (counts && !counts(static_cast<pid_t>(*pid)))) continue;
    const std::string status = ReadProcFile((proc / entry->d_name / "status").string());
    if (status.empty() || status.find("State:\tZ") != std::string::npos) continue;
    constexpr long long kKibibyte = 1024;
    ++usage.processes;
    usage.tasks += StatusNumber(status, "Threads:");
    usage.memory_bytes +=
        (StatusNumber(status, "RssAnon:") + StatusNumber(status, "RssShmem:")) * kKibibyte;
  }
  return usage;
}

DiskUsage MeasureDisk(const fs::path& folder, long long enough_bytes) {
  return DiskWalk(enough_bytes).Measure(folder);
}

long long FreeDiskBytes(const fs::path& folder) {
  struct statvfs status = {};
  if (statvfs(folder.c_str(), &status) != 0) {
    throw ErrnoError("measure the file system of", folder.string(), errno);
  }
  return static_cast<long long>(status.f_bavail) * static_cast<long long>(status.f_frsize);
}

std::string FormatSize(long long bytes) {
  constexpr long long kKibibyte = 1024;
  if (bytes > 0) {
    for (const auto& [unit, name] : {std::pair{kKibibyte * kKibibyte * kKibibyte, "GiB"},
                                     std::pair{kKibibyte * kKibibyte, "MiB"},
                                     std::pair{kKibibyte, "KiB"}}) {
      if (bytes % unit == 0) return fmt::format("{} {}", bytes / unit, name);
    }
  }
  return fmt::format("{} bytes", bytes);
}

}  // namespace failgate
