#include "controller/git/late_ref.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/log.h"

namespace failgate {
namespace {

/// gitrepository-layout(5), git-update-ref(1): who makes REF.lock may change REF.
class RefLock {
 public:
  explicit RefLock(const std::filesystem::path& ref) : path_(ref.string() + ".lock") {
    CreateFolders(ref.parent_path());
    file_ = std::make_shared<FileDescriptor>(
        ::open(path_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644));
    if (!file_->valid() && errno == EEXIST) {
      throw Error(Remedy::kRetry, fmt::format("locking {}: another process has it", ref.string()));
    }
    if (!file_->valid()) {
      throw ErrnoError("locking", ref.string(), errno);
    }
  }
  ~RefLock() {
    if (!renamed_) {
      static_cast<void>(::unlink(path_.c_str()));
    }
  }
  RefLock(const RefLock&) = delete;
  RefLock& operator=(const RefLock&) = delete;

  /// The descriptor of what `ref` is now.
  std::shared_ptr<FileDescriptor> Commit(const std::filesystem::path& ref, const CommitId& to) {
    WriteAll(file_->get(), to.text() + "\n", path_);
    if (::rename(path_.c_str(), ref.c_str()) != 0) {
      throw ErrnoError("moving", ref.string(), errno);
    }
    renamed_ = true;
    return file_;
  }

 private:
  std::string path_;
  std::shared_ptr<FileDescriptor> file_;
  bool renamed_ = false;
};

}  // namespace

LateRef::LateRef(const std::filesystem::path& git_dir, std::string name)
    : name_(std::move(name)), file_(git_dir / name_) {}

LateRef::~LateRef() {
  try {
    if (syncing_.valid()) {
      syncing_.get();
    }
  } catch (const std::exception& error) {
    log::Warning("a ref could not be made durable", {{"ref", name_}, {"cause", error.what()}});
  }
}

bool LateRef::Set(const Repository& repository,
                  const CommitId& to,
                  const std::optional<CommitId>& expected_old) {
  if (syncing_.valid()) {
    syncing_.get();
  }
  std::shared_ptr<FileDescriptor> written;
  {
    RefLock lock(file_);
    if (repository.Ref(name_) != expected_old) {
      return false;
    }
    written = lock.Commit(file_, to);
  }
  syncing_ = std::async(std::launch::async, [written, file = file_] {
    SyncFile(written->get(), file.string());
    SyncFolder(file.parent_path());
  });
  return true;
}

}  // namespace failgate
