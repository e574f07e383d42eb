#include "controller/artifacts/folder_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <memory>
#include <optional>

#include "controller/base/error.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr int kMaxDepth = 100;

struct CloseFolder {
  void operator()(DIR* stream) const { closedir(stream); }
};

std::vector<std::string> NamesIn(int folder) {
  FileDescriptor copy(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!copy.valid()) {
    throw ErrnoError("listing", "a folder of an artifact", errno);
  }
  const std::unique_ptr<DIR, CloseFolder> stream(fdopendir(copy.get()));
  if (stream == nullptr) {
    throw ErrnoError("listing", "a folder of an artifact", errno);
  }
  copy.Release();
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0) {
        throw ErrnoError("listing", "a folder of an artifact", errno);
      }
      return names;
    }
    std::string name(static_cast<const char*>(entry->d_name));
    if (name != "." && name != "..") {
      names.push_back(std::move(name));
    }
  }
}

class Walk {
 public:
  explicit Walk(const FolderLimits& limits) : limits_(limits) {}

  std::optional<Refusal> Visit(int folder, const std::string& prefix, int depth) {
    if (depth > kMaxDepth) {
      return Refusal{"artifact_too_large",
                     fmt::format("folders are nested deeper than {}", kMaxDepth)};
    }
    for (const std::string& name : NamesIn(folder)) {
      if (auto refusal = VisitEntry(folder, name, prefix + name, depth)) {
        return refusal;
      }
    }
    return std::nullopt;
  }

  std::vector<FolderEntry> entries;

 private:
  std::optional<Refusal> VisitEntry(int folder,
                                    const std::string& name,
                                    const std::string& path,
                                    int depth) {
    if (!IsSafeRelativePath(path) || !IsUtf8(path)) {
      return Refusal{"artifact_unsafe_name",
                     fmt::format("\"{}\" is not a name an artifact may hold", OneLine(path, 200))};
    }
    if (static_cast<long long>(entries.size()) >= limits_.max_entries) {
      return Refusal{"artifact_too_large",
                     fmt::format("the folder holds more than {} entries", limits_.max_entries)};
    }
    struct stat status {};
    if (fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      return Refusal{"artifact_changed", fmt::format("\"{}\" went away", OneLine(path, 200))};
    }
    FolderEntry entry;
    entry.path = path;
    if (S_ISREG(status.st_mode)) {
      entry.size = status.st_size;
      entry.executable = (status.st_mode & S_IXUSR) != 0;
      entries.push_back(std::move(entry));
      return AddBytes(status.st_size);
    }
    if (S_ISLNK(status.st_mode)) {
      return AddLink(folder, name, std::move(entry));
    }
    if (!S_ISDIR(status.st_mode)) {
      return Refusal{"artifact_special_file",
                     fmt::format("\"{}\" is no file, folder or link", OneLine(path, 200))};
    }
    entry.type = FolderEntry::Type::kFolder;
    entries.push_back(std::move(entry));
    const FileDescriptor inner(
        openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!inner.valid()) {
      throw ErrnoError("opening", path, errno);
    }
    return Visit(inner.get(), path + "/", depth + 1);
  }

  std::optional<Refusal> AddBytes(long long bytes) {
    total_ += bytes;
    if (total_ > limits_.max_bytes) {
      return Refusal{"artifact_too_large",
                     fmt::format("the folder holds more than {} bytes", limits_.max_bytes)};
    }
    return std::nullopt;
  }

  std::optional<Refusal> AddLink(int folder, const std::string& name, FolderEntry entry) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length = readlinkat(folder, name.c_str(), target.data(), target.size());
    if (length < 0 || static_cast<std::size_t>(length) >= target.size()) {
      throw ErrnoError("reading link", entry.path, length < 0 ? errno : ENAMETOOLONG);
    }
    entry.type = FolderEntry::Type::kLink;
    entry.link_target.assign(target.data(), static_cast<std::size_t>(length));
    if (!LinkStaysInside(entry.path, entry.link_target)) {
      return Refusal{"artifact_link_outside",
                     fmt::format("link \"{}\" points to \"{}\", which may leave the folder",
                                 OneLine(entry.path, 200),
                                 OneLine(entry.link_target, 200))};
    }
    entries.push_back(std::move(entry));
    return std::nullopt;
  }

  FolderLimits limits_;
  long long total_ = 0;
};

}  // namespace

FileDescriptor OpenBelow(int folder, std::string_view relative, int flags) {
  FileDescriptor current(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::vector<std::string> parts = Split(relative, '/');
  for (std::size_t i = 0; i < parts.size() && current.valid(); ++i) {
    const bool is_last = i + 1 == parts.size();
    const int wanted = is_last ? flags : O_RDONLY | O_DIRECTORY;
    current = FileDescriptor(
        openat(current.get(), parts[i].c_str(), wanted | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  }
  return current;
}

Result<std::vector<FolderEntry>> ListFolder(int folder, const FolderLimits& limits) {
  Walk walk(limits);
  if (auto refusal = walk.Visit(folder, "", 1)) {
    return *refusal;
  }
  std::sort(walk.entries.begin(), walk.entries.end(), [](const auto& a, const auto& b) {
    return a.path < b.path;
  });
  return std::move(walk.entries);
}

bool LinkStaysInside(std::string_view link_path, std::string_view target) {
  if (target.empty() || target.front() == '/' || !IsUtf8(target) ||
      EscapeControls(target) != target) {
    return false;
  }
  auto depth = std::count(link_path.begin(), link_path.end(), '/');
  bool seen_name = false;
  for (const std::string& part : Split(target, '/')) {
    if (part.empty() || part == ".") {
      continue;
    }
    if (part != "..") {
      seen_name = true;
    } else if (seen_name || --depth < 0) {
      return false;
    }
  }
  return true;
}

}  // namespace failgate
