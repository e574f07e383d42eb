#include "controller/watch/file_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "controller/artifacts/folder_tree.h"
#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/watch/retention.h"
#include "controller/watch/taking.h"
#include "controller/watch/watched_names.h"

namespace failgate {
namespace {

/// A name that appeared in a way that promises nothing must lie still for so long.
constexpr Milliseconds kUnpromised{1000};
/// Of a burst: news come together, and one version is made of them.
constexpr Milliseconds kGather{100};
constexpr std::size_t kMaxFiles = 200'000;

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

/// The file itself, no part of its path a link; nullopt = there is no regular file.
std::optional<struct stat> StatusOf(int root, const std::string& path) {
  const FileDescriptor file = OpenBelow(root, path, O_PATH);
  struct stat status {};
  if (!file.valid() || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return status;
}

bool IsOlder(const struct stat& a, const struct stat& b) {
  return a.st_mtim.tv_sec != b.st_mtim.tv_sec ? a.st_mtim.tv_sec < b.st_mtim.tv_sec
                                              : a.st_mtim.tv_nsec < b.st_mtim.tv_nsec;
}

}  // namespace

std::string NameOfFiles(const std::vector<WatchedFile>& files) {
  if (files.empty()) {
    return kNoVersion;
  }
  if (files.size() == 1) {
    return "sha256:" + files.front().sha256;
  }
  Sha256 digest;
  for (const WatchedFile& file : files) {
    digest.Update(file.path);
    digest.Update(std::string_view("\0", 1));
    digest.Update(file.sha256);
    digest.Update("\n");
  }
  return "sha256:" + digest.FinishHex();
}

FileWatch::FileWatch(WatchSettings settings,
                     WatchStore& store,
                     WatchedBytes& data,
                     const Clock& clock)
    : settings_(std::move(settings)),
      store_(store),
      data_(data),
      clock_(clock),
      notices_(settings_.path) {
  for (WatchedFile& file : store_.Files(settings_.name)) {
    known_.emplace(file.path, std::move(file));
  }
  const auto newest = store_.Newest(settings_.name);
  auto status = status_.Lock();
  status->name = settings_.name;
  status->files = known_.size();
  status->version = newest ? newest->version : "";
}

Milliseconds FileWatch::Quiet() const {
  return settings_.completion == Completion::kStable ? settings_.stable : kUnpromised;
}

void FileWatch::LookAtAll(int root) {
  std::set<std::string> seen;
  bool limit = false;
  trouble_.clear();
  if (!notices_.Add("", limit) && limit) {
    trouble_ = "the kernel watches no more folders: raise fs.inotify.max_user_watches";
  }
  LookAtFolder(root, "", seen);
  for (const auto& file : known_) {
    if (seen.count(file.first) == 0) {
      gone_.emplace(file.first, clock_.Steady());
    }
  }
  for (auto candidate = candidates_.begin(); candidate != candidates_.end();) {
    candidate =
        seen.count(candidate->first) == 0 ? candidates_.erase(candidate) : std::next(candidate);
  }
  scan_now_ = false;
  next_scan_ = clock_.Steady() + settings_.rescan;
}

void FileWatch::LookAtFolder(int root, const std::string& folder, std::set<std::string>& seen) {
  const int fd = folder.empty() ? OpenBelow(root, ".", O_RDONLY | O_DIRECTORY).Release()
                                : OpenBelow(root, folder, O_RDONLY | O_DIRECTORY).Release();
  const std::unique_ptr<DIR, FolderCloser> opened(fd < 0 ? nullptr : fdopendir(fd));
  if (!opened) {
    throw ErrnoError("reading", (settings_.path / folder).string(), errno);
  }
  std::vector<std::string> folders;
  errno = 0;
  while (const dirent* entry = readdir(opened.get())) {
    const std::string name = entry->d_name;
    const std::string path = folder.empty() ? name : folder + "/" + name;
    if (IsHiddenName(name)) {
      continue;
    }
    if (IsFolder(dirfd(opened.get()), *entry)) {
      folders.push_back(path);
    } else if (IsWatchedName(settings_, path)) {
      if (seen.insert(path).second && seen.size() > kMaxFiles) {
        throw Error(Remedy::kNeedsChange,
                    fmt::format("more than {} files match: narrow the pattern of watch {}",
                                kMaxFiles,
                                settings_.name));
      }
      LookAtFile(root, path, false);
    }
    errno = 0;
  }
  if (errno != 0) {
    throw ErrnoError("reading", (settings_.path / folder).string(), errno);
  }
  for (const std::string& below : folders) {
    bool limit = false;
    if (!notices_.Add(below, limit) && !limit) {
      continue;  // it went meanwhile
    }
    if (limit) {
      trouble_ = "the kernel watches no more folders: raise fs.inotify.max_user_watches";
    }
    LookAtFolder(root, below, seen);
  }
}

void FileWatch::LookAt(int root, const std::string& path, bool arrived) {
  switch (MarkerKindOf(settings_, path)) {
    case MarkerKind::kNone:
      break;
    case MarkerKind::kOfFolder:
      scan_now_ = true;
      return;
    case MarkerKind::kOfFile:
      return LookAt(root, path.substr(0, path.size() - settings_.marker.size()), false);
  }
  if (IsWatchedName(settings_, path)) {
    LookAtFile(root, path, arrived);
  }
}

void FileWatch::LookAtFile(int root, const std::string& path, bool arrived) {
  const auto status = StatusOf(root, path);
  const auto known = known_.find(path);
  if (!status) {
    candidates_.erase(path);
    if (known != known_.end()) {
      gone_.emplace(path, clock_.Steady());
    }
    return;
  }
  gone_.erase(path);
  const std::string state = FileStateOf(*status);
  if (known != known_.end() && known->second.state == state) {
    candidates_.erase(path);
    return;
  }
  Candidate& candidate = candidates_[path];
  if (candidate.state != state) {
    candidate.state = state;
    candidate.since = clock_.Steady();
    candidate.arrived = false;
  }
  candidate.arrived = candidate.arrived || arrived;
}

bool FileWatch::IsWhole(int root, const std::string& path, const Candidate& candidate) const {
  switch (settings_.completion) {
    case Completion::kStable:
      return clock_.Steady() - candidate.since >= settings_.stable;
    case Completion::kRename:
      return candidate.arrived || clock_.Steady() - candidate.since >= kUnpromised;
    case Completion::kMarker: {
      const auto file = StatusOf(root, path);
      const auto says = StatusOf(root, MarkerOf(settings_, path));
      return file && says && !IsOlder(*says, *file) && FileStateOf(*file) == candidate.state;
    }
  }
  return false;
}

std::optional<WatchedFile> FileWatch::Take(int root,
                                           const std::string& path,
                                           const std::stop_token& stop) {
  const Candidate candidate = candidates_.at(path);
  const auto taken = TakeAndTell(data_, status_, root, path, stop);
  if (!taken || taken->state != candidate.state) {
    // Somebody still writes: it is looked at from the beginning.
    candidates_.erase(path);
    LookAtFile(root, path, false);
    return std::nullopt;
  }
  candidates_.erase(path);
  return WatchedFile{path, taken->sha256, taken->size, taken->state};
}

bool FileWatch::Advance(const WatchNews& news, const std::vector<WatchedFile>& same) {
  if (!same.empty()) {
    store_.SetStates(settings_.name, same);
  }
  bool is_news = false;
  if (!news.taken.empty() || !news.gone.empty()) {
    is_news = store_.Advance(settings_.name, news, NameOfFiles);
    FailPoint("watch-version-taken");
    ForgetOldVersions(settings_.name, store_, data_, clock_.Now());
  }
  for (const WatchedFile& file : same) {
    known_[file.path] = file;
  }
  for (const WatchedFile& file : news.taken) {
    known_[file.path] = file;
  }
  for (const std::string& path : news.gone) {
    known_.erase(path);
  }
  auto status = status_.Lock();
  status->files = known_.size();
  if (is_news) {
    ++status->versions;
    status->version = store_.Newest(settings_.name)->version;
  }
  return is_news;
}

bool FileWatch::Step(const std::stop_token& stop) {
  const FileDescriptor root(open(settings_.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) {
    scan_now_ = true;
    throw ErrnoError("opening the watched folder", settings_.path.string(), errno);
  }
  const Notices notices = notices_.Take();
  if (notices.lost) {
    scan_now_ = true;
  }
  for (const std::string& path : notices.changed) {
    LookAt(root.get(), path, false);
  }
  for (const std::string& path : notices.arrived) {
    LookAt(root.get(), path, true);
  }
  if (scan_now_ || clock_.Steady() >= next_scan_) {
    LookAtAll(root.get());
  }
  std::vector<std::string> whole;
  for (const auto& candidate : candidates_) {
    if (IsWhole(root.get(), candidate.first, candidate.second)) {
      whole.push_back(candidate.first);
    }
  }
  WatchNews news;
  std::vector<WatchedFile> same;
  for (const std::string& path : whole) {
    if (stop.stop_requested()) {
      return false;
    }
    auto file = Take(root.get(), path, stop);
    if (!file) {
      continue;
    }
    const auto known = known_.find(path);
    const bool is_same = known != known_.end() && known->second.sha256 == file->sha256;
    (is_same ? same : news.taken).push_back(std::move(*file));
  }
  // One that is replaced by removing it first comes back in the same version.
  for (auto gone = gone_.begin(); gone != gone_.end();) {
    if (clock_.Steady() - gone->second >= Quiet()) {
      news.gone.push_back(gone->first);
      gone = gone_.erase(gone);
    } else {
      ++gone;
    }
  }
  const bool is_news = Advance(news, same);
  status_.Lock()->error = trouble_;
  return is_news;
}

void FileWatch::Wait() {
  const SteadyTime now = clock_.Steady();
  SteadyTime until = scan_now_ ? now : next_scan_;
  for (const auto& candidate : candidates_) {
    // One without its marker is told of by a notice.
    if (settings_.completion != Completion::kMarker) {
      until = std::min(until, candidate.second.since + Quiet());
    }
  }
  for (const auto& gone : gone_) {
    until = std::min(until, gone.second + Quiet());
  }
  notices_.Wait(std::chrono::ceil<Milliseconds>(std::max(until, now) - now));
  notices_.Rest(kGather);
}

}  // namespace failgate
