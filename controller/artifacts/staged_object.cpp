#include "controller/artifacts/staged_object.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "controller/base/error.h"
#include "controller/base/fail_point.h"

namespace failgate {
namespace {

constexpr std::size_t kShard = 2;
constexpr mode_t kObjectMode = 0444;

}  // namespace

StagedObject::StagedObject(const std::filesystem::path& temporary_folder)
    : name_((temporary_folder / "put-XXXXXX").string()), file_(mkostemp(name_.data(), O_CLOEXEC)) {
  if (!file_.valid()) {
    throw ErrnoError("creating a temporary file in", temporary_folder.string(), errno);
  }
}

StagedObject::~StagedObject() {
  if (!committed_) {
    unlink(name_.c_str());
  }
}

void StagedObject::Write(std::string_view bytes) {
  WriteAll(file_.get(), bytes, name_);
  sha_.Update(bytes);
  size_ += static_cast<long long>(bytes.size());
}

std::string StagedObject::Commit(const std::filesystem::path& objects) {
  std::string sha256 = sha_.FinishHex();
  if (fchmod(file_.get(), kObjectMode) != 0) {
    throw ErrnoError("setting the mode of", name_, errno);
  }
  SyncFile(file_.get(), name_);
  FailPoint("artifact-staged");
  const std::filesystem::path path = ObjectPathIn(objects, sha256);
  CreateFolders(path.parent_path());
  if (rename(name_.c_str(), path.c_str()) != 0) {
    throw ErrnoError("storing", path.string(), errno);
  }
  committed_ = true;
  SyncFolder(path.parent_path());
  FailPoint("artifact-stored");
  return sha256;
}

std::filesystem::path ObjectPathIn(const std::filesystem::path& objects, std::string_view sha256) {
  Check(IsSha256Reference("sha256:" + std::string(sha256)), "an artifact is named by its SHA-256");
  return objects / sha256.substr(0, kShard) / sha256.substr(kShard);
}

}  // namespace failgate
