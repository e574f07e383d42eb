#include "controller/targets/folder_listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/targets/beneath.h"

namespace failgate {
namespace {

constexpr long long kNanoseconds = 1'000'000'000;
constexpr unsigned kPermissionBits = 07777;
constexpr std::size_t kMaxLinkText = 4096;

long long Nanoseconds(const timespec& time) {
  return static_cast<long long>(time.tv_sec) * kNanoseconds + time.tv_nsec;
}

std::string LinkTarget(int folder, const std::string& name, const std::string& object) {
  std::array<char, kMaxLinkText> buffer{};
  const ssize_t size = readlinkat(folder, name.c_str(), buffer.data(), buffer.size());
  if (size < 0) throw ErrnoError("reading the link", object, errno);
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

EntryKind KindOf(mode_t mode) {
  if (S_ISREG(mode)) return EntryKind::kFile;
  if (S_ISDIR(mode)) return EntryKind::kFolder;
  return S_ISLNK(mode) ? EntryKind::kLink : EntryKind::kOther;
}

/// nullopt-like: an empty path when the entry went away meanwhile.
ListedEntry EntryOf(int folder, const std::string& name, const std::string& path) {
  ListedEntry entry;
  struct stat status {};
  if (fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return entry;
    throw ErrnoError("looking at", path, errno);
  }
  entry.path = path;
  entry.kind = KindOf(status.st_mode);
  entry.mode = static_cast<unsigned>(status.st_mode) & kPermissionBits;
  entry.stamp = FileStamp{static_cast<long long>(status.st_size),
                          Nanoseconds(status.st_mtim),
                          Nanoseconds(status.st_ctim),
                          static_cast<unsigned long long>(status.st_ino)};
  if (entry.kind == EntryKind::kLink) entry.link_target = LinkTarget(folder, name, path);
  return entry;
}

}  // namespace

std::vector<std::string> NamesIn(int folder, const std::string& object) {
  FileDescriptor copy(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!copy.valid()) throw ErrnoError("listing", object, errno);
  struct CloseStream {
    void operator()(DIR* stream) const { closedir(stream); }
  };
  const std::unique_ptr<DIR, CloseStream> stream(fdopendir(copy.get()));
  if (stream == nullptr) throw ErrnoError("listing", object, errno);
  copy.Release();
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0) throw ErrnoError("listing", object, errno);
      return names;
    }
    std::string name(static_cast<const char*>(entry->d_name));
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
}

std::vector<ListedEntry> ListFolder(int folder, std::size_t max_entries) {
  std::vector<ListedEntry> entries;
  std::vector<std::string> open = {""};
  while (!open.empty() && entries.size() <= max_entries) {
    const std::string inside = std::move(open.back());
    open.pop_back();
    const FolderBeneath current = OpenBeneath(folder, inside);
    if (!current.folder.valid()) continue;
    for (const std::string& name : NamesIn(current.folder.get(), inside)) {
      const std::string path = inside.empty() ? name : inside + "/" + name;
      ListedEntry entry = EntryOf(current.folder.get(), name, path);
      if (entry.path.empty()) continue;
      if (entry.kind == EntryKind::kFolder) open.push_back(path);
      entries.push_back(std::move(entry));
      if (entries.size() > max_entries) break;
    }
  }
  std::sort(entries.begin(), entries.end(), [](const ListedEntry& a, const ListedEntry& b) {
    return a.path < b.path;
  });
  return entries;
}

}  // namespace failgate
