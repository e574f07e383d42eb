#include "controller/watch/file_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

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
                     const Clock& clock,
                     const EnvironmentLookup& environment)
    : settings_(std::move(settings)),
      store_(store),
      data_(data),
      clock_(clock),
      notices_(settings_.path),
      source_(MakeObjectSource(settings_, data, environment, notices_)) {
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

void FileWatch::LookAtAll() {
  std::set<std::string> seen;
  source_->List([this](const std::string& path) { return IsWatchedName(settings_, path); },
                [&](const std::string& path, const ObjectStatus& status) {
                  if (seen.insert(path).second && seen.size() > kMaxFiles) {
                    throw Error(Remedy::kNeedsChange,
                                fmt::format("more than {} files match: narrow the pattern of "
                                            "watch {}",
                                            kMaxFiles,
                                            settings_.name));
                  }
                  LookAtFile(path, status, false);
                });
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

void FileWatch::LookAt(const std::string& path, bool arrived) {
  switch (MarkerKindOf(settings_, path)) {
    case MarkerKind::kNone:
      break;
    case MarkerKind::kOfFolder:
      scan_now_ = true;
      return;
    case MarkerKind::kOfFile:
      return LookAt(path.substr(0, path.size() - settings_.marker.size()), false);
  }
  if (IsWatchedName(settings_, path)) {
    LookAtFile(path, source_->Look(path), arrived);
  }
}

void FileWatch::LookAtFile(const std::string& path,
                           const std::optional<ObjectStatus>& status,
                           bool arrived) {
  const auto known = known_.find(path);
  if (!status) {
    candidates_.erase(path);
    if (known != known_.end()) {
      gone_.emplace(path, clock_.Steady());
    }
    return;
  }
  gone_.erase(path);
  if (known != known_.end() && known->second.state == status->state) {
    candidates_.erase(path);
    return;
  }
  Candidate& candidate = candidates_[path];
  if (candidate.status.state != status->state) {
    candidate = Candidate{*status, clock_.Steady()};
  }
  candidate.arrived = candidate.arrived || arrived;
}

bool FileWatch::IsWhole(const std::string& path, const Candidate& candidate) {
  switch (settings_.completion) {
    case Completion::kStable:
      return clock_.Steady() - candidate.since >= settings_.stable;
    case Completion::kRename:
      return candidate.arrived || clock_.Steady() - candidate.since >= kUnpromised;
    case Completion::kMarker: {
      const auto says = source_->LookAtMarker(MarkerOf(settings_, path));
      return says && says->written >= candidate.status.written;
    }
  }
  return false;
}

bool FileWatch::IsDue() const {
  const SteadyTime before = clock_.Steady() - Quiet();
  return (settings_.completion != Completion::kMarker &&
          std::any_of(candidates_.begin(),
                      candidates_.end(),
                      [&](const auto& one) { return one.second.since <= before; })) ||
         std::any_of(
             gone_.begin(), gone_.end(), [&](const auto& one) { return one.second <= before; });
}

std::optional<WatchedFile> FileWatch::Take(const std::string& path, const std::stop_token& stop) {
  Candidate& candidate = candidates_.at(path);
  if (candidate.taken && data_.Has(candidate.taken->sha256)) {
    return candidate.taken;
  }
  const auto taken = TakeAndTell(*source_, status_, path, candidate.status, stop);
  if (!taken && taken.error().code == "stopped") {
    return std::nullopt;
  }
  if (!taken || taken->state != candidate.status.state) {
    // Somebody still writes: it is looked at from the beginning.
    candidates_.erase(path);
    LookAtFile(path, source_->Look(path), false);
    return std::nullopt;
  }
  candidate.taken = WatchedFile{path, taken->sha256, taken->size, taken->state};
  return candidate.taken;
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
  for (const auto* files : {&same, &news.taken}) {
    for (const WatchedFile& file : *files) {
      known_[file.path] = file;
      candidates_.erase(file.path);
    }
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
  try {
    source_->Begin(stop);
  } catch (const Error&) {
    scan_now_ = true;
    throw;
  }
  const Notices notices = notices_.Take();
  if (notices.lost) {
    scan_now_ = true;
  }
  for (const std::string& path : notices.changed) {
    LookAt(path, false);
  }
  for (const std::string& path : notices.arrived) {
    LookAt(path, true);
  }
  if (scan_now_ || clock_.Steady() >= next_scan_ || (source_->IsRemote() && IsDue())) {
    LookAtAll();
  }
  std::vector<std::string> whole;
  for (const auto& candidate : candidates_) {
    if (IsWhole(candidate.first, candidate.second)) {
      whole.push_back(candidate.first);
    }
  }
  WatchNews news;
  std::vector<WatchedFile> same;
  for (const std::string& path : whole) {
    if (stop.stop_requested()) {
      return false;
    }
    auto file = Take(path, stop);
    if (!file) {
      continue;
    }
    const auto known = known_.find(path);
    const bool is_same = known != known_.end() && known->second.sha256 == file->sha256;
    (is_same ? same : news.taken).push_back(std::move(*file));
  }
  if (stop.stop_requested()) {
    return false;
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
  status_.Lock()->error = source_->Trouble();
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
