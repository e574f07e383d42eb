#include "controller/artifacts/artifact_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>

#include "controller/artifacts/contents_tally.h"
#include "controller/artifacts/data_pointer.h"
#include "controller/artifacts/file_format.h"
#include "controller/artifacts/folder_archive.h"
#include "controller/artifacts/folder_tree.h"
#include "controller/artifacts/staged_object.h"
#include "controller/base/error.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10U;

std::string Shown(std::string_view path) {
  return OneLine(path, 200);
}

std::string BaseName(const std::string& relative) {
  const std::size_t slash = relative.rfind('/');
  return slash == std::string::npos ? relative : relative.substr(slash + 1);
}

/// Calls `use` for each block to the end of the file.
void ReadBlocks(int fd,
                const std::string& object,
                const std::function<void(std::string_view)>& use) {
  std::string buffer(kBlock, '\0');
  while (true) {
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count == 0) {
      return;
    }
    if (count > 0) {
      use(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
    } else if (errno != EINTR) {
      throw ErrnoError("reading", object, errno);
    }
  }
}

bool SameState(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_ctim.tv_sec == b.st_ctim.tv_sec &&
         a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

/// Why nothing can be opened at the path.
Refusal NotThere(int workspace, const std::string& relative, int error_number) {
  if (error_number == ELOOP || error_number == EMLINK) {
    return Refusal{
        "artifact_link",
        fmt::format("a part of \"{}\" is a link: name the file itself", Shown(relative))};
  }
  if (error_number == ENOTDIR) {
    return Refusal{
        "artifact_missing",
        fmt::format("\"{}\" does not exist: a part of it is a link or a file", Shown(relative))};
  }
  if (error_number != ENOENT) {
    throw ErrnoError("opening", relative, error_number);
  }
  if (OpenBelow(workspace, relative + ".dvc", O_RDONLY).valid()) {
    return Refusal{"artifact_pointer",
                   fmt::format("\"{0}\" does not exist, only \"{0}.dvc\": fetch the data first",
                               Shown(relative))};
  }
  return Refusal{"artifact_missing", fmt::format("\"{}\" does not exist", Shown(relative))};
}

Error Corrupt(std::string_view sha256, std::string_view what) {
  return Error(Remedy::kNeedsChange, fmt::format("artifact sha256:{} {}", sha256, what));
}

void CheckDigest(std::string_view expected, Sha256& sha) {
  if (sha.FinishHex() != expected) {
    throw Corrupt(expected, "is damaged: its bytes have another digest");
  }
}

FileDescriptor OpenObject(const std::filesystem::path& path, std::string_view sha256) {
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (file.valid()) {
    return file;
  }
  if (errno == ENOENT) {
    throw Corrupt(sha256, "is not in the store any more");
  }
  throw ErrnoError("opening", path.string(), errno);
}

void VerifyOpen(int fd, const std::string& object, std::string_view sha256) {
  Sha256 sha;
  ReadBlocks(fd, object, [&](std::string_view bytes) { sha.Update(bytes); });
  CheckDigest(sha256, sha);
}

struct stat StatusOf(int fd, const std::string& object) {
  struct stat status {};
  if (fstat(fd, &status) != 0) {
    throw ErrnoError("looking at", object, errno);
  }
  return status;
}

/// A folder or link in the way belongs to somebody else.
void RefuseUnlessFileOrNothing(const std::filesystem::path& destination, bool file_allowed) {
  struct stat status {};
  if (lstat(destination.c_str(), &status) != 0) {
    if (errno == ENOENT) {
      return;
    }
    throw ErrnoError("looking at", destination.string(), errno);
  }
  if (!file_allowed || !S_ISREG(status.st_mode)) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("writing an artifact: {} is in the way", destination.string()));
  }
}

void Rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) {
    throw ErrnoError("placing", to.string(), errno);
  }
}

}  // namespace

std::string_view ToText(ArtifactKind kind) {
  switch (kind) {
    case ArtifactKind::kFile:
      return "file";
    case ArtifactKind::kFolder:
      return "folder";
  }
  return "";
}

ArtifactStore::ArtifactStore(std::filesystem::path root)
    : ArtifactStore(std::move(root), Limits()) {}

ArtifactStore::ArtifactStore(std::filesystem::path root, Limits limits)
    : root_(std::move(root)), limits_(limits) {
  CreateFolders(root_ / "objects");
  RemoveTree(root_ / "tmp");
  CreateFolders(root_ / "tmp");
}

std::filesystem::path ArtifactStore::ObjectPath(std::string_view sha256) const {
  return ObjectPathIn(root_ / "objects", sha256);
}

Result<StoredArtifact> ArtifactStore::Put(const std::filesystem::path& workspace,
                                          const std::string& relative) {
  if (!IsSafeRelativePath(relative)) {
    return Refusal{"artifact_unsafe_name",
                   fmt::format("\"{}\" is not a path inside the workspace", Shown(relative))};
  }
  const FileDescriptor root(open(workspace.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) {
    throw ErrnoError("opening workspace", workspace.string(), errno);
  }
  const FileDescriptor source = OpenBelow(root.get(), relative, O_RDONLY);
  if (!source.valid()) {
    // A socket cannot be opened at all.
    return errno == ENXIO ? Refusal{"artifact_special_file",
                                    fmt::format("\"{}\" is no file or folder", Shown(relative))}
                          : NotThere(root.get(), relative, errno);
  }
  const struct stat status = StatusOf(source.get(), relative);
  StoredArtifact stored;
  stored.base_name = BaseName(relative);
  StagedObject staged(root_ / "tmp");
  ContentsTally tally;
  std::optional<Refusal> refusal;
  if (S_ISREG(status.st_mode)) {
    stored.bytes.kind = ArtifactKind::kFile;
    stored.bytes.executable = (status.st_mode & S_IXUSR) != 0;
    refusal = PutFile(source.get(), relative, staged, tally);
  } else if (S_ISDIR(status.st_mode)) {
    stored.bytes.kind = ArtifactKind::kFolder;
    refusal = PutFolder(source.get(), relative, staged, tally);
  } else {
    refusal = Refusal{"artifact_special_file",
                      fmt::format("\"{}\" is no file or folder", Shown(relative))};
  }
  if (refusal) {
    return *refusal;
  }
  stored.size = staged.size();
  stored.contents = tally.Contents();
  stored.bytes.sha256 = staged.Commit(root_ / "objects");
  return stored;
}

std::optional<Refusal> ArtifactStore::PutFile(int source,
                                              const std::string& relative,
                                              StagedObject& staged,
                                              ContentsTally& tally) const {
  const struct stat before = StatusOf(source, relative);
  if (before.st_size > limits_.max_bytes) {
    return Refusal{
        "artifact_too_large",
        fmt::format("\"{}\" holds more than {} bytes", Shown(relative), limits_.max_bytes)};
  }
  std::string head;
  ReadBlocks(source, relative, [&](std::string_view bytes) {
    if (head.size() < kMaxPointerBytes) {
      head += bytes.substr(0, kMaxPointerBytes - head.size());
    }
    // A file that grows while it is read must not fill the disk; SameState refuses it below.
    if (staged.size() <= before.st_size) {
      staged.Write(bytes);
    }
  });
  const RecognisedFormat found = RecogniseFormat(FileBytes(source, before.st_size));
  // Of the bytes that were stored: the file has not changed until now.
  if (!SameState(before, StatusOf(source, relative))) {
    return Refusal{"artifact_changed",
                   fmt::format("\"{}\" changed while it was read", Shown(relative))};
  }
  if (const auto pointer = DescribePointer(relative, head)) {
    return Refusal{"artifact_pointer",
                   fmt::format("\"{}\" is {}, not the data", Shown(relative), *pointer)};
  }
  tally.Add("", before.st_size, found);
  return std::nullopt;
}

std::optional<Refusal> ArtifactStore::PutFolder(int source,
                                                const std::string& relative,
                                                StagedObject& staged,
                                                ContentsTally& tally) const {
  const auto entries = ListFolder(source, {limits_.max_bytes, limits_.max_entries});
  if (!entries) {
    return entries.error();
  }
  bool has_file = false;
  for (const FolderEntry& entry : *entries) {
    has_file = has_file || entry.type == FolderEntry::Type::kFile;
  }
  if (!has_file) {
    return Refusal{"artifact_missing", fmt::format("folder \"{}\" holds no file", Shown(relative))};
  }
  return PackFolder(source, *entries, staged, tally);
}

bool ArtifactStore::Has(std::string_view sha256) const {
  struct stat status {};
  return lstat(ObjectPath(sha256).c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

long long ArtifactStore::Size(std::string_view sha256) const {
  const std::filesystem::path path = ObjectPath(sha256);
  return StatusOf(OpenObject(path, sha256).get(), path.string()).st_size;
}

void ArtifactStore::Verify(std::string_view sha256) const {
  const std::filesystem::path path = ObjectPath(sha256);
  VerifyOpen(OpenObject(path, sha256).get(), path.string(), sha256);
}

std::vector<MaterialisedFile> ArtifactStore::Materialise(const ArtifactBytes& artifact,
                                                         const std::filesystem::path& destination,
                                                         Durability durability) const {
  Check(destination.has_parent_path() && destination.has_filename(),
        "an artifact is written below a folder");
  const bool is_file = artifact.kind == ArtifactKind::kFile;
  const bool synced = durability == Durability::kSynced;
  const FileDescriptor object = OpenObject(ObjectPath(artifact.sha256), artifact.sha256);
  RefuseUnlessFileOrNothing(destination, is_file);
  CreateFolders(destination.parent_path());
  // Beside the destination, so that the rename stays within one file system.
  const TemporaryFolder staging(destination.parent_path());
  const std::filesystem::path staged = staging.path() / "artifact";
  std::vector<MaterialisedFile> written;
  if (is_file) {
    written.push_back(CopyOut(object.get(), artifact, staged, synced));
  } else {
    VerifyOpen(object.get(), destination.string(), artifact.sha256);
    if (lseek(object.get(), 0, SEEK_SET) != 0) {
      throw ErrnoError("reading again", destination.string(), errno);
    }
    CreateFolders(staged);
    written = UnpackFolder(object.get(), staged, synced);
  }
  Rename(staged, destination);
  if (synced) {
    SyncFolder(destination.parent_path());
  }
  return written;
}

MaterialisedFile ArtifactStore::CopyOut(int object,
                                        const ArtifactBytes& artifact,
                                        const std::filesystem::path& path,
                                        bool synced) {
  const FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) {
    throw ErrnoError("creating", path.string(), errno);
  }
  MaterialisedFile written;
  Sha256 sha;
  ReadBlocks(object, artifact.sha256, [&](std::string_view bytes) {
    sha.Update(bytes);
    WriteAll(file.get(), bytes, path.string());
    written.size += static_cast<long long>(bytes.size());
  });
  CheckDigest(artifact.sha256, sha);
  // 0644 or 0755 whatever our umask is: another user may have to read it.
  if (fchmod(file.get(), artifact.executable ? 0755 : 0644) != 0) {
    throw ErrnoError("setting the mode of", path.string(), errno);
  }
  if (synced) {
    SyncFile(file.get(), path.string());
  }
  written.sha256 = artifact.sha256;
  written.executable = artifact.executable;
  return written;
}

}  // namespace failgate
