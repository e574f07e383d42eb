#include "controller/watch/watched_bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iterator>
#include <system_error>
#include <utility>

#include "controller/artifacts/folder_tree.h"
#include "controller/artifacts/staged_object.h"
#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/text.h"
#include "controller/watch/copy_and_hash.h"

namespace failgate {
namespace {

constexpr mode_t kObjectMode = 0444;
constexpr std::chrono::minutes kLately{10};

long long Nanoseconds(const timespec& time) {
  return static_cast<long long>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

struct stat StatusOf(int fd, const std::string& object) {
  struct stat status {};
  if (fstat(fd, &status) != 0) throw ErrnoError("looking at", object, errno);
  return status;
}

Error Damaged(const std::string& sha256, std::string_view what) {
  return Error(Remedy::kNeedsChange, fmt::format("data sha256:{} {}", sha256, what));
}

/// What another name of the file does not change.
std::string LastingState(const struct stat& status) {
  return fmt::format("{}:{}:{}", status.st_size, Nanoseconds(status.st_mtim), status.st_ino);
}

void Copy(int from, const std::filesystem::path& to) {
  const FileDescriptor file(
      open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) throw ErrnoError("creating", to.string(), errno);
  if (ioctl(file.get(), FICLONE, from) != 0) {
    if (lseek(from, 0, SEEK_SET) != 0) throw ErrnoError("reading", to.string(), errno);
    while (true) {
      constexpr std::size_t kBlock = std::size_t{64} << 20U;
      const ssize_t count = copy_file_range(from, nullptr, file.get(), nullptr, kBlock, 0);
      if (count == 0) break;
      if (count < 0 && errno != EINTR) throw ErrnoError("copying", to.string(), errno);
    }
  }
  if (fchmod(file.get(), kObjectMode) != 0)
    throw ErrnoError("setting the mode of", to.string(), errno);
}

}  // namespace

std::string FileStateOf(const struct stat& status) {
  return fmt::format("{}:{}:{}:{}",
                     status.st_size,
                     Nanoseconds(status.st_mtim),
                     Nanoseconds(status.st_ctim),
                     status.st_ino);
}

/// A temporary file that goes unless it was kept.
class WatchedBytes::Staged {
 public:
  explicit Staged(const std::filesystem::path& folder)
      : name_((folder / "take-XXXXXX").string()), file_(mkostemp(name_.data(), O_CLOEXEC)) {
    if (!file_.valid()) throw ErrnoError("creating a temporary file in", folder.string(), errno);
  }
  ~Staged() {
    if (!kept_) unlink(name_.c_str());
  }
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;

  [[nodiscard]] int fd() const { return file_.get(); }
  [[nodiscard]] const std::string& name() const { return name_; }

  void Keep(const std::filesystem::path& path) {
    if (fchmod(file_.get(), kObjectMode) != 0)
      throw ErrnoError("setting the mode of", name_, errno);
    SyncFile(file_.get(), name_);
    CreateFolders(path.parent_path());
    if (rename(name_.c_str(), path.c_str()) != 0) {
      throw ErrnoError("keeping", path.string(), errno);
    }
    kept_ = true;
    SyncFolder(path.parent_path());
  }

 private:
  std::string name_;
  FileDescriptor file_;
  bool kept_ = false;
};

WatchedBytes::WatchedBytes(std::filesystem::path root) : root_(std::move(root)) {
  CreateFolders(root_ / "objects");
  RemoveTree(root_ / "tmp");
  CreateFolders(root_ / "tmp");
}

Result<WatchedBytes::Taken> WatchedBytes::Take(int folder,
                                               const std::string& relative,
                                               const std::stop_token& stop,
                                               const Progress& progress) {
  const FileDescriptor source = OpenBelow(folder, relative, O_RDONLY | O_NONBLOCK);
  if (!source.valid()) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENXIO) {
      return Refusal{"file_missing", fmt::format("\"{}\" is not there", OneLine(relative, 200))};
    }
    throw ErrnoError("opening", relative, errno);
  }
  const struct stat before = StatusOf(source.get(), relative);
  if (!S_ISREG(before.st_mode)) {
    return Refusal{"file_missing", fmt::format("\"{}\" is no file", OneLine(relative, 200))};
  }
  Staged staged(root_ / "tmp");
  const auto digest = CopyAndHash(
      {source.get(), relative}, {staged.fd(), staged.name()}, before.st_size, stop, progress);
  if (!digest) {
    return Refusal{"stopped", "the program ends"};
  }
  Taken taken{*digest, before.st_size, FileStateOf(before)};
  if (FileStateOf(StatusOf(source.get(), relative)) != taken.state) {
    return Refusal{"file_changed",
                   fmt::format("\"{}\" changed while it was read", OneLine(relative, 200))};
  }
  Keep(staged, taken.sha256);
  return taken;
}

Result<WatchedBytes::Taken> WatchedBytes::Receive(
    const std::function<std::optional<Refusal>(const Sink& sink)>& feed) {
  Staged staged(root_ / "tmp");
  Sha256 sha;
  long long size = 0;
  const auto refused = feed([&](std::string_view bytes) {
    WriteAll(staged.fd(), bytes, staged.name());
    sha.Update(bytes);
    size += static_cast<long long>(bytes.size());
  });
  if (refused) return *refused;
  Taken taken{sha.FinishHex(), size, {}};
  Keep(staged, taken.sha256);
  return taken;
}

void WatchedBytes::Keep(Staged& staged, const std::string& sha256) {
  (*taken_.Lock())[sha256] = SystemClock().Steady();
  if (!Has(sha256)) {
    staged.Keep(ObjectPathIn(root_ / "objects", sha256));
    const struct stat kept = StatusOf(staged.fd(), staged.name());
    (*verified_.Lock())[sha256] = LastingState(kept);
  }
  FailPoint("watched-file-stored");
}

bool WatchedBytes::Has(const std::string& sha256) const {
  struct stat status {};
  return lstat(ObjectPathIn(root_ / "objects", sha256).c_str(), &status) == 0 &&
         S_ISREG(status.st_mode);
}

bool WatchedBytes::Remove(const std::string& sha256) {
  {
    const SteadyTime now = SystemClock().Steady();
    auto taken = taken_.Lock();
    for (auto one = taken->begin(); one != taken->end();) {
      one = now - one->second > kLately ? taken->erase(one) : std::next(one);
    }
    if (taken->count(sha256) != 0) return false;
  }
  const std::filesystem::path path = ObjectPathIn(root_ / "objects", sha256);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    throw ErrnoError("removing", path.string(), errno);
  }
  verified_.Lock()->erase(sha256);
  return true;
}

void WatchedBytes::ForEach(const std::function<void(const std::string& sha256)>& use) const {
  for (const auto& shard : std::filesystem::directory_iterator(root_ / "objects")) {
    for (const auto& object : std::filesystem::directory_iterator(shard.path())) {
      const std::string digest =
          shard.path().filename().string() + object.path().filename().string();
      if (IsSha256Reference("sha256:" + digest)) use(digest);
    }
  }
}

void WatchedBytes::Verify(const std::string& sha256) {
  const std::filesystem::path path = ObjectPathIn(root_ / "objects", sha256);
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) {
    if (errno == ENOENT) throw Damaged(sha256, "is not kept any more");
    throw ErrnoError("opening", path.string(), errno);
  }
  const std::string state = LastingState(StatusOf(file.get(), path.string()));
  {
    auto verified = verified_.Lock();
    const auto found = verified->find(sha256);
    if (found != verified->end() && found->second == state) return;
  }
  if (Sha256File(path) != sha256) {
    throw Damaged(sha256, "is damaged: its bytes have another digest");
  }
  (*verified_.Lock())[sha256] = state;
}

void WatchedBytes::Place(const std::string& sha256,
                         const std::filesystem::path& destination,
                         bool shared) {
  Verify(sha256);
  const std::filesystem::path path = ObjectPathIn(root_ / "objects", sha256);
  CreateFolders(destination.parent_path());
  if (shared && link(path.c_str(), destination.c_str()) == 0) return;
  // Another file system, or too many names: a copy does as well.
  const FileDescriptor object(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!object.valid()) throw ErrnoError("opening", path.string(), errno);
  Copy(object.get(), destination);
}

}  // namespace failgate
