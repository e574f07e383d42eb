#include "controller/watch/delta_watch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/text.h"
#include "controller/watch/retention.h"
#include "controller/watch/taking.h"

namespace failgate {
namespace {

constexpr const char* kLogFolder = "_delta_log";
constexpr std::size_t kMaxCommitBytes = std::size_t{256} << 20U;
/// Of a commit that was not renamed into its place.
constexpr Milliseconds kQuiet{500};
constexpr Milliseconds kGather{100};
/// Of writers that never rest for kQuiet.
constexpr Milliseconds kPatience{5000};

Error Refused(const WatchSettings& settings, const std::string& why) {
  return Error(Remedy::kNeedsChange,
               fmt::format("reading the table {}: {}", settings.path.string(), why));
}

std::vector<std::string> NamesIn(const std::filesystem::path& folder,
                                 const WatchSettings& settings) {
  std::vector<std::string> names;
  std::error_code failed;
  std::filesystem::directory_iterator entries(folder, failed);
  if (failed) {
    throw Refused(settings,
                  failed == std::errc::no_such_file_or_directory
                      ? std::string("it has no _delta_log, so it is no Delta Lake table")
                      : failed.message());
  }
  for (const auto& entry : entries) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

std::string NameOf(const DeltaTable& table, const std::string& commit_sha256) {
  return fmt::format("delta:{}:{}:sha256:{}", table.id(), table.version(), commit_sha256);
}

/// Table id, version and digest out of NameOf; nullopt for anything else.
struct NamedVersion {
  std::string id;
  long long version = 0;
  std::string commit_sha256;
};
std::optional<NamedVersion> ParseName(const std::string& name) {
  constexpr std::string_view kBegin = "delta:";
  constexpr std::string_view kDigest = ":sha256:";
  const std::size_t digest = name.rfind(kDigest);
  if (name.rfind(kBegin, 0) != 0 || digest == std::string::npos) return std::nullopt;
  const std::string table = name.substr(kBegin.size(), digest - kBegin.size());
  const std::size_t colon = table.rfind(':');
  const auto version =
      colon == std::string::npos ? std::nullopt : ParseNonNegative(table.substr(colon + 1));
  if (!version) return std::nullopt;
  return NamedVersion{table.substr(0, colon), *version, name.substr(digest + kDigest.size())};
}

}  // namespace

DeltaWatch::DeltaWatch(WatchSettings settings,
                       WatchStore& store,
                       WatchedBytes& data,
                       const Clock& clock)
    : settings_(std::move(settings)),
      log_(settings_.path / kLogFolder),
      store_(store),
      data_(data),
      clock_(clock),
      notices_(log_) {
  status_.Lock()->name = settings_.name;
  Resume();
}

void DeltaWatch::Resume() {
  read_ = Reading();
  known_.clear();
  const auto newest = store_.Newest(settings_.name);
  for (WatchedFile& file : store_.Files(settings_.name)) {
    known_.emplace(file.path, std::move(file));
  }
  const auto named = newest ? ParseName(newest->version) : std::nullopt;
  if (named) {
    DeltaCommit all;
    all.table_id = named->id;
    for (const auto& file : known_) {
      all.added.push_back({file.first, file.second.size});
    }
    static_cast<void>(read_.table.Apply(named->version, all));
    read_.commit_sha256 = named->commit_sha256;
  }
  auto status = status_.Lock();
  status->files = known_.size();
  status->version = newest ? newest->version : "";
}

/// A table that was made anew in the same place begins its log again.
bool DeltaWatch::IsStillTheTable(const DeltaListing& listing) const {
  if (read_.table.version() < 0) {
    return true;
  }
  const auto commit =
      ReadFileIfPresent(log_ / DeltaCommitName(read_.table.version()), kMaxCommitBytes);
  if (commit) {
    return Sha256Hex(*commit) == read_.commit_sha256;
  }
  // A clean-up leaves what is newer; an empty folder says nothing yet.
  return listing.Highest() < 0 || listing.Highest() >= read_.table.version();
}

bool DeltaWatch::IsWhole(const std::string& name) {
  if (arrived_.count(name) != 0) {
    return true;
  }
  struct stat status {};
  if (stat((log_ / name).c_str(), &status) != 0) {
    return false;
  }
  const std::string state = FileStateOf(status);
  if (!waiting_ || waiting_->name != name || waiting_->state != state) {
    waiting_ = Waiting{name, state, clock_.Steady()};
  }
  return clock_.Steady() - waiting_->since >= kQuiet;
}

void DeltaWatch::RefuseIfCut(const DeltaListing& listing, long long next) const {
  // A listing that was read while commits came may lack one.
  if (listing.Highest() < next || std::filesystem::exists(log_ / DeltaCommitName(next))) {
    return;
  }
  const auto begin = listing.commits.upper_bound(next);
  if (begin == listing.commits.end()) {
    throw Refused(settings_,
                  "its log has a checkpoint and no commits, and checkpoints are not read: watch it "
                  "from its first commit on, or write a copy of it");
  }
  throw Refused(settings_,
                fmt::format("its log begins with commit {}, the ones before are in a checkpoint, "
                            "and checkpoints are not read: keep the log longer "
                            "(delta.logRetentionDuration), or write a copy of the table",
                            *begin));
}

void DeltaWatch::ReadOn(const DeltaListing& listing, Reading& reading) {
  const long long next = reading.table.version() + 1;
  auto last = listing.LastFrom(next);
  if (!last) {
    RefuseIfCut(listing, next);
    return;
  }
  // Whoever writes the next commit has seen the one before whole. Of several the newest counts.
  if (!IsWhole(DeltaCommitName(*last))) {
    behind_since_ = behind_since_.value_or(clock_.Steady());
    if (*last == next || clock_.Steady() - *behind_since_ < kPatience) {
      return;
    }
    --*last;
  }
  for (long long version = next; version <= *last; ++version) {
    const std::string name = DeltaCommitName(version);
    const std::string text = ReadFile(log_ / name, kMaxCommitBytes);
    const Result<DeltaCommit> commit = ParseDeltaCommit(text);
    if (!commit) {
      throw Refused(settings_, fmt::format("{}: {}", name, commit.error().text));
    }
    if (const auto fault = reading.table.Apply(version, *commit)) {
      throw Refused(settings_, fmt::format("{}: {}", name, fault->text));
    }
    reading.data_change = reading.data_change || commit->data_change;
    reading.commit_sha256 = Sha256Hex(text);
  }
  if (const auto fault = reading.table.FaultOfFiles()) {
    throw Refused(settings_, fmt::format("version {}: {}", *last, fault->text));
  }
}

bool DeltaWatch::Take(const Reading& reading, const std::stop_token& stop) {
  const FileDescriptor root(open(settings_.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) {
    throw ErrnoError("opening the watched table", settings_.path.string(), errno);
  }
  WatchNews news;
  for (const auto& [path, size] : reading.table.files()) {
    const auto known = known_.find(path);
    if (!reading.is_another && known != known_.end() && known->second.size == size) {
      continue;  // a file of a table never changes
    }
    const auto taken = TakeAndTell(data_, status_, root.get(), path, stop);
    if (!taken && taken.error().code == "stopped") {
      return false;
    }
    if (!taken || taken->size != size) {
      throw Refused(
          settings_,
          fmt::format("version {} has the file \"{}\" of {} bytes, but {}",
                      reading.table.version(),
                      OneLine(path, 200),
                      size,
                      taken ? fmt::format("it has {}", taken->size) : taken.error().text));
    }
    news.taken.push_back(WatchedFile{path, taken->sha256, taken->size, ""});
  }
  for (const auto& file : known_) {
    if (reading.table.files().count(file.first) == 0) {
      news.gone.push_back(file.first);
    }
  }
  const std::string name = NameOf(reading.table, reading.commit_sha256);
  const bool is_news =
      store_.Advance(settings_.name, news, [&](const std::vector<WatchedFile>&) { return name; });
  FailPoint("watch-version-taken");
  ForgetOldVersions(settings_.name, store_, data_, clock_.Now());
  for (const WatchedFile& file : news.taken) {
    known_[file.path] = file;
  }
  for (const std::string& path : news.gone) {
    known_.erase(path);
  }
  auto status = status_.Lock();
  status->files = known_.size();
  status->version = name;
  status->versions += is_news ? 1 : 0;
  return is_news;
}

bool DeltaWatch::Step(const std::stop_token& stop) {
  bool limit = false;
  if (!notices_.Add("", limit) && limit) {
    status_.Lock()->error = "the kernel watches no more folders: raise fs.inotify.max_user_watches";
  }
  const Notices notices = notices_.Take();
  arrived_.insert(notices.arrived.begin(), notices.arrived.end());
  const DeltaListing listing = ReadDeltaListing(NamesIn(log_, settings_));
  if (!IsStillTheTable(listing)) {
    read_ = Reading();
    read_.is_another = true;
  }
  Reading reading = read_;
  ReadOn(listing, reading);
  bool is_news = false;
  if (reading.data_change) {
    is_news = Take(reading, stop);
    if (stop.stop_requested()) {
      return is_news;
    }
    reading.data_change = false;
    reading.is_another = false;
  }
  if (reading.table.version() != read_.table.version()) {
    behind_since_.reset();
  }
  read_ = std::move(reading);
  arrived_.clear();
  if (waiting_ && waiting_->name <= DeltaCommitName(read_.table.version())) {
    waiting_.reset();
  }
  return is_news;
}

void DeltaWatch::Wait() {
  notices_.Wait(waiting_ ? std::min<Milliseconds>(settings_.rescan, kQuiet) : settings_.rescan);
  notices_.Rest(kGather);
}

}  // namespace failgate
