#include "controller/watch/delta_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/digest.h"
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

std::string PathOf(long long version) {
  return std::string(kLogFolder) + "/" + DeltaCommitName(version);
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
                       const Clock& clock,
                       const EnvironmentLookup& environment)
    : settings_(std::move(settings)),
      store_(store),
      data_(data),
      clock_(clock),
      notices_(settings_.path / kLogFolder),
      source_(MakeObjectSource(settings_, data, environment, notices_)) {
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
bool DeltaWatch::IsStillTheTable(const DeltaListing& listing) {
  if (read_.table.version() < 0) {
    return true;
  }
  const std::string path = PathOf(read_.table.version());
  const auto status = source_->Look(path);
  if (status && status->state == commit_state_) {
    return true;
  }
  const auto commit = status ? source_->Read(path, kMaxCommitBytes) : std::nullopt;
  if (commit) {
    const bool is_same = Sha256Hex(*commit) == read_.commit_sha256;
    commit_state_ = is_same ? status->state : "";
    return is_same;
  }
  // A clean-up leaves what is newer; an empty folder says nothing yet.
  return listing.Highest() < 0 || listing.Highest() >= read_.table.version();
}

bool DeltaWatch::IsWhole(const std::string& name) {
  if (source_->IsRemote() || arrived_.count(name) != 0) {
    return true;
  }
  const auto status = source_->Look(std::string(kLogFolder) + "/" + name);
  if (!status) {
    return false;
  }
  if (!waiting_ || waiting_->name != name || waiting_->state != status->state) {
    waiting_ = Waiting{name, status->state, clock_.Steady()};
  }
  return clock_.Steady() - waiting_->since >= kQuiet;
}

void DeltaWatch::RefuseIfCut(const DeltaListing& listing, long long next) {
  // A listing that was read while commits came may lack one.
  if (listing.Highest() < next || source_->Look(PathOf(next))) {
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
    const auto text = source_->Read(PathOf(version), kMaxCommitBytes);
    if (!text) {
      throw Refused(settings_, fmt::format("{}: it went while it was read", name));
    }
    const Result<DeltaCommit> commit = ParseDeltaCommit(*text);
    if (!commit) {
      throw Refused(settings_, fmt::format("{}: {}", name, commit.error().text));
    }
    if (const auto fault = reading.table.Apply(version, *commit)) {
      throw Refused(settings_, fmt::format("{}: {}", name, fault->text));
    }
    reading.data_change = reading.data_change || commit->data_change;
    reading.commit_sha256 = Sha256Hex(*text);
  }
  if (const auto fault = reading.table.FaultOfFiles()) {
    throw Refused(settings_, fmt::format("version {}: {}", *last, fault->text));
  }
}

std::optional<WatchedFile> DeltaWatch::TakeFile(const Reading& reading,
                                                const std::string& path,
                                                long long size,
                                                const std::stop_token& stop) {
  const auto kept = taken_.find(path);
  if (kept != taken_.end() && kept->second.size == size && data_.Has(kept->second.sha256)) {
    return kept->second;
  }
  const auto taken = TakeAndTell(*source_, status_, path, ObjectStatus{"", size}, stop);
  if (!taken && taken.error().code == "stopped") {
    return std::nullopt;
  }
  if (!taken || taken->size != size) {
    throw Refused(settings_,
                  fmt::format("version {} has the file \"{}\" of {} bytes, but {}",
                              reading.table.version(),
                              OneLine(path, 200),
                              size,
                              taken ? fmt::format("it has {}", taken->size) : taken.error().text));
  }
  WatchedFile file{path, taken->sha256, taken->size, ""};
  taken_[path] = file;
  return file;
}

bool DeltaWatch::Take(const Reading& reading, const std::stop_token& stop) {
  if (taken_of_ != reading.table.id()) {
    taken_.clear();
    taken_of_ = reading.table.id();
  }
  WatchNews news;
  for (const auto& [path, size] : reading.table.files()) {
    const auto known = known_.find(path);
    if (!reading.is_another && known != known_.end() && known->second.size == size) {
      continue;  // a file of a table never changes
    }
    auto file = TakeFile(reading, path, size, stop);
    if (!file) {
      return false;
    }
    news.taken.push_back(std::move(*file));
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
  taken_.clear();
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
  if (!source_->IsRemote() && !notices_.Add("", limit) && limit) {
    status_.Lock()->error = "the kernel watches no more folders: raise fs.inotify.max_user_watches";
  }
  const Notices notices = notices_.Take();
  arrived_.insert(notices.arrived.begin(), notices.arrived.end());
  // Of a folder that is not there at all it says what it lacks.
  if (source_->IsRemote()) source_->Begin(stop);
  const auto names = source_->NamesIn(kLogFolder);
  if (!names) {
    throw Refused(settings_, "it has no _delta_log, so it is no Delta Lake table");
  }
  if (!source_->IsRemote()) source_->Begin(stop);
  const DeltaListing listing = ReadDeltaListing(*names);
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
