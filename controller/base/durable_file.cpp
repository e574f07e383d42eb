#include "controller/base/durable_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "controller/base/error.h"

namespace failgate {
namespace {

std::filesystem::path ParentOf(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// Removes the file again unless Keep() was called.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target)
      : name_((ParentOf(target) / fmt::format(".{}.XXXXXX", target.filename().string())).string()),
        file_(mkostemp(name_.data(), O_CLOEXEC)) {
    if (!file_.valid()) {
      throw ErrnoError("creating a temporary file for", target.string(), errno);
    }
  }
  ~TemporaryFile() {
    if (!kept_) {
      unlink(name_.c_str());
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  void Keep() { kept_ = true; }
  [[nodiscard]] int fd() const { return file_.get(); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  FileDescriptor file_;
  bool kept_ = false;
};

std::string ReadOpenFile(int fd, const std::filesystem::path& path, std::size_t max_bytes) {
  std::string bytes;
  std::vector<char> buffer(std::size_t{64} << 10U);
  while (true) {
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count == 0) {
      return bytes;
    }
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw ErrnoError("reading", path.string(), errno);
    }
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
    if (bytes.size() > max_bytes) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("reading {}: larger than {} bytes", path.string(), max_bytes));
    }
  }
}

std::vector<std::string> NamesIn(int folder, const std::string& object) {
  FileDescriptor copy(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!copy.valid()) {
    throw ErrnoError("listing", object, errno);
  }
  struct CloseFolder {
    void operator()(DIR* stream) const { closedir(stream); }
  };
  const std::unique_ptr<DIR, CloseFolder> stream(fdopendir(copy.get()));
  if (stream == nullptr) {
    throw ErrnoError("listing", object, errno);
  }
  copy.Release();
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0) {
        throw ErrnoError("listing", object, errno);
      }
      return names;
    }
    const std::string_view name(static_cast<const char*>(entry->d_name));
    if (name != "." && name != "..") {
      names.emplace_back(name);
    }
  }
}

/// True when `name` was a file, a link or anything but a folder, and is gone.
bool UnlinkUnlessFolder(int folder, const std::string& name, const std::string& object) {
  struct stat status {};
  if (fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) {
      return true;
    }
    throw ErrnoError("removing", object, errno);
  }
  if (S_ISDIR(status.st_mode)) {
    return false;
  }
  if (unlinkat(folder, name.c_str(), 0) != 0 && errno != ENOENT) {
    throw ErrnoError("removing", object, errno);
  }
  return true;
}

FileDescriptor OpenFolderWritable(int parent, const std::string& name, const std::string& object) {
  // A failed chmod (not our file) shows itself in what follows.
  static_cast<void>(fchmodat(parent, name.c_str(), S_IRWXU, 0));
  FileDescriptor folder(
      openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.valid()) {
    throw ErrnoError("removing", object, errno);
  }
  return folder;
}

void MoveUp(
    int from, const std::string& name, int to, unsigned& number, const std::string& object) {
  while (true) {
    const std::string target = fmt::format(".failgate-remove-{}", number++);
    struct stat status {};
    if (fstatat(to, target.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
      continue;
    }
    if (renameat(from, name.c_str(), to, target.c_str()) == 0) {
      return;
    }
    throw ErrnoError("removing", object, errno);
  }
}

void FlattenFolder(int top, const std::string& name, unsigned& number, const std::string& object) {
  const FileDescriptor folder = OpenFolderWritable(top, name, object);
  for (const std::string& inner : NamesIn(folder.get(), object)) {
    if (!UnlinkUnlessFolder(folder.get(), inner, object)) {
      static_cast<void>(OpenFolderWritable(folder.get(), inner, object));
      MoveUp(folder.get(), inner, top, number, object);
    }
  }
}

/// Folders inside folders are moved up to the top first, so that neither the stack nor the number
/// of open files grows with a depth that others chose.
void EmptyFolder(int top, const std::string& object) {
  unsigned number = 0;
  for (auto names = NamesIn(top, object); !names.empty(); names = NamesIn(top, object)) {
    for (const std::string& name : names) {
      if (UnlinkUnlessFolder(top, name, object)) {
        continue;
      }
      FlattenFolder(top, name, number, object);
      if (unlinkat(top, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
        throw ErrnoError("removing", object, errno);
      }
    }
  }
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  Close();
}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.Release()) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = other.Release();
  }
  return *this;
}

int FileDescriptor::Release() {
  return std::exchange(fd_, -1);
}

void FileDescriptor::Close() {
  if (fd_ >= 0) {
    close(std::exchange(fd_, -1));
  }
}

void WriteFileDurably(const std::filesystem::path& path, std::string_view bytes, mode_t mode) {
  const std::string object = path.string();
  TemporaryFile file(path);
  if (fchmod(file.fd(), mode) != 0) {
    throw ErrnoError("setting the mode of", object, errno);
  }
  WriteAll(file.fd(), bytes, object);
  SyncFile(file.fd(), object);
  if (rename(file.name().c_str(), path.c_str()) != 0) {
    throw ErrnoError("replacing", object, errno);
  }
  file.Keep();
  SyncFolder(ParentOf(path));
}

std::string ReadFile(const std::filesystem::path& path, std::size_t max_bytes) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    throw ErrnoError("opening", path.string(), errno);
  }
  return ReadOpenFile(file.get(), path, max_bytes);
}

std::optional<std::string> ReadFileIfPresent(const std::filesystem::path& path,
                                             std::size_t max_bytes) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    if (errno == ENOENT) {
      return std::nullopt;
    }
    throw ErrnoError("opening", path.string(), errno);
  }
  return ReadOpenFile(file.get(), path, max_bytes);
}

void WriteAll(int fd, std::string_view bytes, std::string_view object) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      throw ErrnoError("writing", object, errno);
    }
  }
}

void SyncFile(int fd, std::string_view object) {
  if (fsync(fd) != 0) {
    throw ErrnoError("syncing", object, errno);
  }
}

void SyncFolder(const std::filesystem::path& folder) {
  const FileDescriptor file(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.valid()) {
    throw ErrnoError("opening", folder.string(), errno);
  }
  SyncFile(file.get(), folder.string());
}

void CreateFolders(const std::filesystem::path& folder, mode_t mode) {
  std::filesystem::path current;
  for (const std::filesystem::path& part : folder) {
    current /= part;
    if (mkdir(current.c_str(), mode) == 0) {
      SyncFolder(ParentOf(current));
    } else if (errno != EEXIST || !std::filesystem::is_directory(current)) {
      throw ErrnoError("creating folder", current.string(), errno == EEXIST ? ENOTDIR : errno);
    }
  }
}

void RemoveTree(const std::filesystem::path& path) {
  const std::string object = path.string();
  if (UnlinkUnlessFolder(AT_FDCWD, object, object)) {
    return;
  }
  {
    const FileDescriptor top = OpenFolderWritable(AT_FDCWD, object, object);
    EmptyFolder(top.get(), object);
  }
  if (rmdir(object.c_str()) != 0 && errno != ENOENT) {
    throw ErrnoError("removing", object, errno);
  }
}

TemporaryFolder::TemporaryFolder(const std::filesystem::path& parent) {
  const std::filesystem::path base =
      parent.empty() ? std::filesystem::temp_directory_path() : parent;
  std::string name = (base / "failgate-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw ErrnoError("creating a temporary folder in", base.string(), errno);
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  try {
    RemoveTree(path_);
  } catch (const std::exception&) {
    // A folder left behind in a temporary place is no reason to end the program.
    static_cast<void>(0);
  }
}

}  // namespace failgate
