#include "controller/data/dvc_objects.h"

#include <fmt/format.h>

#include <utility>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kShard = 2;

}  // namespace

DvcObjects::DvcObjects(DataStore& store, std::filesystem::path remote)
    : store_(store), remote_(std::move(remote)) {}

Result<std::string> DvcObjects::BringObject(const std::string& md5,
                                            bool former,
                                            const char* end,
                                            std::optional<long long> size) {
  const DataName name{former ? DataName::Kind::kFormerMd5 : DataName::Kind::kMd5, md5};
  if (auto known = store_.Find(name)) {
    return *known;
  }
  const std::filesystem::path root = former ? remote_ : remote_ / "files" / "md5";
  return store_.Bring(name, size, root / md5.substr(0, kShard) / (md5.substr(kShard) + end));
}

Result<std::vector<DvcBytes>> DvcObjects::Bring(const DvcOut& out) {
  std::vector<DvcBytes> files;
  if (!out.is_folder) {
    // The size DVC 2 wrote is that of the file, whatever its line ends: it holds for both.
    const Result<std::string> sha256 = BringObject(out.md5, out.former, "", out.size);
    if (!sha256) {
      return sha256.error();
    }
    files.push_back({out.path, *sha256});
    return files;
  }
  const Result<std::string> listing = BringObject(out.md5, out.former, ".dir", std::nullopt);
  if (!listing) {
    return listing.error();
  }
  const auto text = store_.Read(*listing, kMaxDvcListingBytes);
  if (!text) {
    return Refusal{"data_damaged",
                   fmt::format("the listing of \"{}\" was damaged here: run it again",
                               OneLine(out.path, 200))};
  }
  const Result<std::vector<DvcEntry>> entries = ParseDvcListing(*text);
  if (!entries) {
    return Refusal{"invalid_dvc",
                   fmt::format("\"{}\": {}", OneLine(out.path, 200), entries.error().text)};
  }
  for (const DvcEntry& entry : *entries) {
    const Result<std::string> sha256 = BringObject(entry.md5, out.former, "", std::nullopt);
    if (!sha256) {
      return Refusal{
          sha256.error().code,
          fmt::format(
              "{} (\"{}\")", sha256.error().text, OneLine(out.path + "/" + entry.path, 300))};
    }
    files.push_back({out.path + "/" + entry.path, *sha256});
  }
  return files;
}

}  // namespace failgate
