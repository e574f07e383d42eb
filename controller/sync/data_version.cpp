#include "controller/sync/data_version.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/digest.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxFiles = 200'000;
constexpr std::size_t kMaxDataBytes = std::size_t{1} << 30U;
constexpr std::size_t kMaxKnown = 200'000;
constexpr std::size_t kMaxPointerBytes = 1024;
constexpr std::string_view kLfsVersion = "version https://git-lfs.github.com/spec/v1";
constexpr std::string_view kLfsOid = "oid sha256:";

bool IsData(const DataTrigger& trigger, const TreeEntry& entry) {
  if (entry.kind != TreeEntryKind::kFile && entry.kind != TreeEntryKind::kExecutable) {
    return false;
  }
  return std::any_of(trigger.paths.begin(), trigger.paths.end(), [&](const std::string& pattern) {
    return GlobMatches(pattern, entry.name);
  });
}

}  // namespace

std::string FormatDataVersion(std::vector<DataFile> files) {
  if (files.empty()) {
    return "";
  }
  if (files.size() == 1) {
    return fmt::format("{}@sha256:{}", EscapeControls(files[0].path), files[0].sha256);
  }
  std::sort(files.begin(), files.end(), [](const DataFile& a, const DataFile& b) {
    return a.path < b.path;
  });
  Sha256 digest;
  for (const DataFile& file : files) {
    digest.Update(file.path);
    digest.Update(std::string_view("\0", 1));
    digest.Update(file.sha256);
    digest.Update("\n");
  }
  return fmt::format("{} files@sha256:{}", files.size(), digest.FinishHex());
}

std::optional<std::string> LfsDigest(std::string_view bytes) {
  if (bytes.size() > kMaxPointerBytes || bytes.substr(0, kLfsVersion.size()) != kLfsVersion) {
    return std::nullopt;
  }
  for (const std::string& line : Split(bytes, '\n')) {
    const std::string_view text = line;
    if (text.substr(0, kLfsOid.size()) == kLfsOid) {
      std::string digest(text.substr(kLfsOid.size()));
      if (IsSha256Reference("sha256:" + digest)) {
        return digest;
      }
    }
  }
  return std::nullopt;
}

std::string DataVersions::DigestOf(const Repository& repository, const ObjectId& blob) {
  {
    auto known = known_.Lock();
    const auto found = known->find(blob);
    if (found != known->end()) {
      return found->second;
    }
  }
  const std::string bytes = repository.ReadBlob(blob, kMaxDataBytes);
  std::string digest = LfsDigest(bytes).value_or("");
  if (digest.empty()) {
    digest = Sha256Hex(bytes);
  }
  auto known = known_.Lock();
  if (known->size() >= kMaxKnown) {
    known->clear();
  }
  (*known)[blob] = digest;
  return digest;
}

std::string DataVersions::Of(const Repository& repository,
                             const CommitId& revision,
                             const Pipeline& pipeline) {
  if (!pipeline.triggers.data) {
    return "";
  }
  std::vector<DataFile> files;
  for (const TreeEntry& entry : repository.FindFiles(revision, "", kMaxFiles)) {
    if (IsData(*pipeline.triggers.data, entry)) {
      files.push_back({entry.name, DigestOf(repository, entry.id)});
    }
  }
  return FormatDataVersion(std::move(files));
}

}  // namespace failgate
