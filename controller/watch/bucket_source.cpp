#include "controller/watch/bucket_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "controller/watch/watched_names.h"

namespace failgate {
namespace {

/// A million objects.
constexpr int kMaxPages = 1000;
constexpr std::size_t kShown = 200;
constexpr std::chrono::seconds kTellEvery{1};

ObjectStatus StatusOf(const S3Object& object) {
  return {StateOfObject(object), object.size, object.written.time_since_epoch()};
}

/// Any part of the path.
bool IsHidden(const std::string& path) {
  return !EveryPart(
      path, '/', [](std::string_view part) { return !IsHiddenName(std::string(part)); });
}

/// As the folder's, which cannot hold both.
template <typename Objects>
void RefuseFileUnderFile(const Objects& objects, const WatchSettings& settings) {
  for (const auto& object : objects) {
    const std::string& path = object.first;
    for (std::size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      if (objects.count(path.substr(0, slash)) == 0) continue;
      throw Error(Remedy::kNeedsChange,
                  fmt::format("{}: the objects \"{}\" and \"{}\" cannot lie in one folder: leave "
                              "one of them out by the pattern of watch {}",
                              settings.path.string(),
                              OneLine(path.substr(0, slash), kShown),
                              OneLine(path, kShown),
                              settings.name));
    }
  }
}

}  // namespace

std::string StateOfObject(const S3Object& object) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(object.written);
  return fmt::format("{}:{}:{}", object.size, seconds.time_since_epoch().count(), object.etag);
}

std::string ETagOfState(const std::string& state) {
  const std::size_t size = state.find(':');
  const std::size_t time = size == std::string::npos ? size : state.find(':', size + 1);
  return time == std::string::npos ? std::string() : state.substr(time + 1);
}

BucketSource::BucketSource(const WatchSettings& settings, WatchedBytes& data, S3Client client)
    : settings_(settings),
      prefix_(settings_.bucket->prefix),
      data_(data),
      client_(std::move(client)) {}

int BucketSource::ListOnce(const Wanted& wanted, Objects& objects, Objects& markers) const {
  S3Client::Listing listing{prefix_};
  listing.stop = stop_;
  for (int pages = 1;; ++pages) {
    const S3Page page = client_.List(listing);
    for (const S3Object& object : page.objects) {
      const std::string path = object.key.substr(prefix_.size());
      // Consoles make folders of empty objects whose names end in '/': no path is such a name.
      if (!IsSafeRelativePath(path) || IsHidden(path)) continue;
      if (wanted(path)) {
        objects.emplace(path, StatusOf(object));
      } else if (MarkerKindOf(settings_, path) != MarkerKind::kNone) {
        markers.emplace(path, StatusOf(object));
      }
    }
    if (!page.next) return pages;
    if (pages == kMaxPages || *page.next == listing.token) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("{}: more than {} pages are listed: watch a longer prefix",
                              settings_.path.string(),
                              kMaxPages));
    }
    listing.token = *page.next;
  }
}

void BucketSource::List(const Wanted& wanted, const Use& use) {
  Objects objects;
  Objects markers;
  // Pages are not of one moment: an object that came behind the page that was read would be missing
  // beside the marker that speaks for it. Seen before all pages, a marker speaks for what they
  // hold.
  if (ListOnce(wanted, objects, markers) > 1 && !markers.empty()) {
    objects.clear();
    Objects later;
    static_cast<void>(ListOnce(wanted, objects, later));
    for (auto marker = markers.begin(); marker != markers.end();) {
      const auto now = later.find(marker->first);
      const bool same = now != later.end() && now->second.state == marker->second.state;
      marker = same ? std::next(marker) : markers.erase(marker);
    }
  }
  RefuseFileUnderFile(objects, settings_);
  markers_ = std::move(markers);
  for (const auto& object : objects) {
    use(object.first, object.second);
  }
}

std::optional<std::vector<std::string>> BucketSource::NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  S3Client::Listing listing{prefix_ + folder + "/", true};
  listing.stop = stop_;
  for (int pages = 1;; ++pages) {
    const S3Page page = client_.List(listing);
    for (const S3Object& object : page.objects) {
      names.push_back(object.key.substr(listing.prefix.size()));
    }
    if (!page.next) break;
    if (pages == kMaxPages || *page.next == listing.token) {
      throw Error(
          Remedy::kNeedsChange,
          fmt::format(
              "{}/{}: more than {} pages are listed", settings_.path.string(), folder, kMaxPages));
    }
    listing.token = *page.next;
  }
  if (names.empty()) return std::nullopt;
  return names;
}

std::optional<ObjectStatus> BucketSource::Look(const std::string& path) {
  const auto object = client_.Head(prefix_ + path, stop_);
  if (!object) return std::nullopt;
  return StatusOf(*object);
}

std::optional<ObjectStatus> BucketSource::LookAtMarker(const std::string& path) {
  const auto marker = markers_.find(path);
  if (marker == markers_.end()) return std::nullopt;
  return marker->second;
}

std::optional<std::string> BucketSource::Read(const std::string& path, std::size_t most) {
  std::string bytes;
  S3Client::Reading reading;
  reading.key = prefix_ + path;
  reading.most = static_cast<long long>(most);
  reading.stop = stop_;
  reading.sink = [&bytes](std::string_view piece) { bytes.append(piece); };
  const auto read = client_.Read(reading);
  if (read) return bytes;
  if (read.error().code == "object_missing") return std::nullopt;
  throw Error(
      Remedy::kNeedsChange,
      fmt::format(
          "reading {}: {}, which is too large", settings_.path.string(), read.error().text));
}

Result<WatchedBytes::Taken> BucketSource::Take(const std::string& path,
                                               const ObjectStatus& expected,
                                               const std::stop_token& stop,
                                               const WatchedBytes::Progress& progress) {
  std::string state;
  auto taken = data_.Receive([&](const WatchedBytes::Sink& sink) -> std::optional<Refusal> {
    long long done = 0;
    SteadyTime told = SystemClock().Steady();
    S3Client::Reading reading;
    reading.key = prefix_ + path;
    reading.etag = ETagOfState(expected.state);
    reading.most = expected.size;
    reading.stop = stop;
    reading.sink = [&](std::string_view piece) {
      sink(piece);
      done += static_cast<long long>(piece.size());
      const SteadyTime now = SystemClock().Steady();
      if (progress && now - told >= kTellEvery) {
        told = now;
        progress(done, expected.size);
      }
    };
    const auto read = client_.Read(reading);
    if (read) {
      state = StateOfObject(*read);
      return std::nullopt;
    }
    const std::string& code = read.error().code;
    return Refusal{code == "object_missing"   ? "file_missing"
                   : code == "object_changed" ? "file_changed"
                                              : code,
                   read.error().text};
  });
  if (taken) taken->state = state;
  return taken;
}

}  // namespace failgate
