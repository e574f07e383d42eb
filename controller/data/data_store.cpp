#include "controller/data/data_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "controller/artifacts/staged_object.h"
#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/data/md5.h"

namespace failgate {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10U;
constexpr std::size_t kShard = 2;
constexpr std::size_t kNameBytes = 64;

/// The digests an object may be known by, while its bytes go by.
class NameCheck {
 public:
  explicit NameCheck(const DataName& name) : name_(name) {}

  void Update(std::string_view bytes) {
    if (name_.kind != DataName::Kind::kSha256) {
      md5_.Update(bytes);
    }
    if (name_.kind == DataName::Kind::kFormerMd5) {
      former_.Update(bytes);
    }
  }

  /// `sha256` empty: of an object that is not stored yet.
  [[nodiscard]] bool Matches(const std::string& sha256) {
    switch (name_.kind) {
      case DataName::Kind::kSha256:
        return sha256 == name_.hex;
      case DataName::Kind::kMd5:
        return md5_.FinishHex() == name_.hex;
      case DataName::Kind::kFormerMd5:
        // What is no text was hashed as it is.
        return md5_.FinishHex() == name_.hex || former_.FinishHex() == name_.hex;
    }
    return false;
  }

 private:
  const DataName& name_;
  Md5 md5_;
  FormerDvcMd5 former_;
};

std::string KindWord(DataName::Kind kind) {
  switch (kind) {
    case DataName::Kind::kSha256:
      return "sha256";
    case DataName::Kind::kMd5:
      return "md5";
    case DataName::Kind::kFormerMd5:
      return "md5-former";
  }
  return "";
}

}  // namespace

std::string ToText(const DataName& name) {
  return fmt::format("{}:{}", name.kind == DataName::Kind::kSha256 ? "sha256" : "md5", name.hex);
}

DataStore::DataStore(std::filesystem::path root) : objects_(std::move(root)) {}

std::filesystem::path DataStore::NamePath(const DataName& name) const {
  return objects_.root() / "names" / KindWord(name.kind) / name.hex.substr(0, kShard) /
         name.hex.substr(kShard);
}

std::optional<std::string> DataStore::Find(const DataName& name) const {
  std::string sha256 = name.hex;
  if (name.kind != DataName::Kind::kSha256) {
    sha256 = ReadFileIfPresent(NamePath(name), kNameBytes).value_or("");
  }
  const bool here = IsSha256Reference("sha256:" + sha256) && objects_.Has(sha256);
  return here ? std::optional<std::string>(std::move(sha256)) : std::nullopt;
}

Result<std::string> DataStore::Bring(const DataName& name,
                                     std::optional<long long> size,
                                     const std::filesystem::path& file) {
  const FileDescriptor source(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!source.valid()) {
    if (errno != ENOENT && errno != ENOTDIR) {
      throw ErrnoError("opening", file.string(), errno);
    }
  } else if (fstat(source.get(), &status) != 0) {
    throw ErrnoError("looking at", file.string(), errno);
  }
  if (!source.valid() || !S_ISREG(status.st_mode)) {
    return Refusal{"data_absent", fmt::format("data object {} is not in the store", ToText(name))};
  }
  StagedObject staged(staging());
  NameCheck check(name);
  std::string block(kBlock, '\0');
  while (true) {
    const ssize_t count = read(source.get(), block.data(), block.size());
    if (count == 0) {
      break;
    }
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw ErrnoError("reading", file.string(), errno);
    }
    const std::string_view bytes(block.data(), static_cast<std::size_t>(count));
    staged.Write(bytes);
    check.Update(bytes);
  }
  if (size && staged.size() != *size) {
    return Refusal{"data_damaged",
                   fmt::format("data object {} has {} bytes in the store, not {} as git says",
                               ToText(name),
                               staged.size(),
                               *size)};
  }
  const Refusal damaged{
      "data_damaged",
      fmt::format("data object {} is damaged in the store: its bytes have another digest",
                  ToText(name))};
  if (name.kind != DataName::Kind::kSha256 && !check.Matches("")) {
    return damaged;
  }
  std::string sha256 = staged.Commit(objects_.root() / "objects");
  if (name.kind == DataName::Kind::kSha256) {
    // The object is right for its own name, so it may stay.
    return check.Matches(sha256) ? Result<std::string>(std::move(sha256)) : damaged;
  }
  CreateFolders(NamePath(name).parent_path(), 0700);
  WriteFileDurably(NamePath(name), sha256, 0600);
  return sha256;
}

void DataStore::Forget(const std::string& sha256) const {
  unlink(ObjectPathIn(objects_.root() / "objects", sha256).c_str());
}

bool DataStore::Place(const std::string& sha256,
                      const std::filesystem::path& destination,
                      bool executable) const {
  try {
    (void)objects_.Materialise(ArtifactBytes{ArtifactKind::kFile, sha256, executable},
                               destination,
                               ArtifactStore::Durability::kCached);
    return true;
  } catch (const Error& error) {
    if (error.remedy() == Remedy::kRetry) {
      throw;
    }
    try {
      objects_.Verify(sha256);
    } catch (const Error&) {
      log::Warning("a data object was damaged and is brought again", {{"error", error.what()}});
      Forget(sha256);
      return false;
    }
    throw;  // the object is right, so the place is to blame
  }
}

std::optional<std::string> DataStore::Read(const std::string& sha256, std::size_t max_bytes) const {
  auto bytes = ReadFileIfPresent(ObjectPathIn(objects_.root() / "objects", sha256), max_bytes);
  if (bytes && Sha256Hex(*bytes) != sha256) {
    Forget(sha256);
    return std::nullopt;
  }
  return bytes;
}

}  // namespace failgate
