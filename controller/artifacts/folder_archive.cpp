#include "controller/artifacts/folder_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <string_view>

#include "controller/artifacts/data_pointer.h"
#include "controller/artifacts/file_format.h"
#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kBlock = std::size_t{128} << 10U;
constexpr const char* kCompressionLevel = "3";

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using EntryHandle = std::unique_ptr<archive_entry, FreeEntry>;

struct FreeWriter {
  void operator()(archive* writer) const { archive_write_free(writer); }
};
struct FreeReader {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

[[noreturn]] void ThrowArchiveError(archive* handle, std::string_view action) {
  const char* text = archive_error_string(handle);
  throw Error(Remedy::kNeedsChange,
              fmt::format("{}: {}", action, text == nullptr ? "unknown reason" : OneLine(text)));
}

/// What the C callback may not throw through libarchive.
struct WriteTarget {
  StagedObject* staged = nullptr;
  std::exception_ptr failure;
};

la_ssize_t WriteBlock(archive* /*writer*/, void* data, const void* bytes, std::size_t size) {
  auto* target = static_cast<WriteTarget*>(data);
  try {
    target->staged->Write(std::string_view(static_cast<const char*>(bytes), size));
    return static_cast<la_ssize_t>(size);
  } catch (...) {
    target->failure = std::current_exception();
    return -1;
  }
}

class Packer {
 public:
  Packer(StagedObject& staged, ContentsTally& tally) : tally_(tally), writer_(archive_write_new()) {
    target_.staged = &staged;
    Require(archive_write_set_format_gnutar(writer_.get()));
    Require(archive_write_add_filter_zstd(writer_.get()));
    Require(archive_write_set_filter_option(
        writer_.get(), "zstd", "compression-level", kCompressionLevel));
    Require(archive_write_set_bytes_in_last_block(writer_.get(), 1));
    Require(archive_write_open(writer_.get(), &target_, nullptr, WriteBlock, nullptr));
  }

  std::optional<Refusal> Add(int folder, const FolderEntry& entry) {
    const EntryHandle handle(archive_entry_new());
    archive_entry_set_pathname(handle.get(), entry.path.c_str());
    archive_entry_set_mtime(handle.get(), 0, 0);
    archive_entry_set_uid(handle.get(), 0);
    archive_entry_set_gid(handle.get(), 0);
    switch (entry.type) {
      case FolderEntry::Type::kFolder:
        archive_entry_set_mode(handle.get(), AE_IFDIR | 0755);
        break;
      case FolderEntry::Type::kLink:
        archive_entry_set_mode(handle.get(), AE_IFLNK | 0777);
        archive_entry_set_symlink(handle.get(), entry.link_target.c_str());
        break;
      case FolderEntry::Type::kFile:
        archive_entry_set_mode(handle.get(), AE_IFREG | (entry.executable ? 0755U : 0644U));
        archive_entry_set_size(handle.get(), entry.size);
        break;
    }
    Require(archive_write_header(writer_.get(), handle.get()));
    return entry.type == FolderEntry::Type::kFile ? AddBytes(folder, entry) : std::nullopt;
  }

  void Close() { Require(archive_write_close(writer_.get())); }

 private:
  void Require(int code) {
    if (target_.failure) {
      std::rethrow_exception(target_.failure);
    }
    if (code != ARCHIVE_OK) {
      ThrowArchiveError(writer_.get(), "packing a folder");
    }
  }

  std::optional<Refusal> AddBytes(int folder, const FolderEntry& entry) {
    const Refusal changed{
        "artifact_changed",
        fmt::format("\"{}\" changed while it was read", OneLine(entry.path, 200))};
    const FileDescriptor file = OpenBelow(folder, entry.path, O_RDONLY);
    struct stat status {};
    if (!file.valid() || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
      return changed;
    }
    std::string buffer(kBlock, '\0');
    for (long long left = entry.size; true;) {
      const ssize_t count = read(file.get(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        throw ErrnoError("reading", entry.path, errno);
      }
      const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
      if (left == entry.size) {
        const auto pointer = static_cast<std::size_t>(entry.size) < kMaxPointerBytes
                                 ? DescribePointer(entry.path, bytes)
                                 : std::nullopt;
        if (pointer) {
          return Refusal{
              "artifact_pointer",
              fmt::format("\"{}\" is {}, not the data", OneLine(entry.path, 200), *pointer)};
        }
      }
      if (count > left || (count == 0 && left > 0)) {
        return changed;
      }
      if (count == 0) {
        return Recognise(file.get(), entry, status) ? std::nullopt : std::optional(changed);
      }
      if (archive_write_data(writer_.get(), bytes.data(), bytes.size()) != count) {
        Require(ARCHIVE_FATAL);
      }
      left -= count;
    }
  }

  /// False: the file is not what was packed any more.
  bool Recognise(int file, const FolderEntry& entry, const struct stat& before) {
    const RecognisedFormat found = RecogniseFormat(FileBytes(file, entry.size));
    struct stat after {};
    if (fstat(file, &after) != 0 || after.st_size != before.st_size ||
        after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
        after.st_mtim.tv_nsec != before.st_mtim.tv_nsec ||
        after.st_ctim.tv_sec != before.st_ctim.tv_sec ||
        after.st_ctim.tv_nsec != before.st_ctim.tv_nsec) {
      return false;
    }
    tally_.Add(entry.path, entry.size, found);
    return true;
  }

  WriteTarget target_;
  ContentsTally& tally_;
  std::unique_ptr<archive, FreeWriter> writer_;
};

class Unpacker {
 public:
  Unpacker(int archive_file, const std::filesystem::path& folder, bool synced)
      : reader_(archive_read_new()),
        folder_path_(folder),
        folder_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        synced_(synced) {
    if (!folder_.valid()) {
      throw ErrnoError("opening", folder.string(), errno);
    }
    if (fchmod(folder_.get(), 0755) != 0) {
      throw ErrnoError("setting the mode of", folder.string(), errno);
    }
    Require(archive_read_support_format_tar(reader_.get()));
    Require(archive_read_support_filter_zstd(reader_.get()));
    Require(archive_read_open_fd(reader_.get(), archive_file, kBlock));
  }

  std::vector<MaterialisedFile> Unpack() {
    archive_entry* entry = nullptr;
    while (true) {
      const int code = archive_read_next_header(reader_.get(), &entry);
      if (code == ARCHIVE_EOF) {
        break;
      }
      Require(code);
      UnpackEntry(entry);
    }
    if (synced_) {
      for (const std::string& folder : folders_) {
        SyncFolder(folder_path_ / folder);
      }
      SyncFolder(folder_path_);
    }
    return std::move(files_);
  }

 private:
  void Require(int code) const {
    if (code != ARCHIVE_OK) {
      ThrowArchiveError(reader_.get(), "unpacking a folder");
    }
  }

  static void Demand(bool holds, std::string_view path) {
    if (!holds) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("unpacking a folder: \"{}\" is not an entry it may hold",
                              OneLine(path, 200)));
    }
  }

  void UnpackEntry(archive_entry* entry) {
    const char* name = archive_entry_pathname(entry);
    std::string path = name == nullptr ? "" : name;
    const auto type = archive_entry_filetype(entry);
    if (type == AE_IFDIR && !path.empty() && path.back() == '/') {
      path.pop_back();
    }
    Demand(IsSafeRelativePath(path) && archive_entry_hardlink(entry) == nullptr, path);
    const std::size_t slash = path.rfind('/');
    const FileDescriptor parent =
        slash == std::string::npos
            ? FileDescriptor(fcntl(folder_.get(), F_DUPFD_CLOEXEC, 0))
            : OpenBelow(folder_.get(), path.substr(0, slash), O_RDONLY | O_DIRECTORY);
    if (!parent.valid()) {
      throw ErrnoError("opening the folder of", path, errno);
    }
    const std::string base = slash == std::string::npos ? path : path.substr(slash + 1);
    MaterialisedFile written;
    written.path = path;
    if (type == AE_IFDIR) {
      if (mkdirat(parent.get(), base.c_str(), 0755) != 0 ||
          fchmodat(parent.get(), base.c_str(), 0755, 0) != 0) {
        throw ErrnoError("creating folder", path, errno);
      }
      folders_.push_back(path);
      return;
    }
    if (type == AE_IFLNK) {
      const char* target = archive_entry_symlink(entry);
      written.link_target = target == nullptr ? "" : target;
      Demand(LinkStaysInside(path, written.link_target), path);
      if (symlinkat(written.link_target.c_str(), parent.get(), base.c_str()) != 0) {
        throw ErrnoError("creating link", path, errno);
      }
      written.sha256 = Sha256Hex(written.link_target);
      written.size = static_cast<long long>(written.link_target.size());
    } else {
      Demand(type == AE_IFREG, path);
      written.executable = (archive_entry_perm(entry) & 0100U) != 0;
      WriteFile(parent.get(), base, written);
    }
    files_.push_back(std::move(written));
  }

  void WriteFile(int parent, const std::string& base, MaterialisedFile& written) {
    const FileDescriptor file(
        openat(parent, base.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.valid()) {
      throw ErrnoError("creating", written.path, errno);
    }
    Sha256 sha;
    std::string buffer(kBlock, '\0');
    while (true) {
      const la_ssize_t count = archive_read_data(reader_.get(), buffer.data(), buffer.size());
      if (count < 0) {
        ThrowArchiveError(reader_.get(), "unpacking " + written.path);
      }
      if (count == 0) {
        break;
      }
      const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
      WriteAll(file.get(), bytes, written.path);
      sha.Update(bytes);
      written.size += count;
    }
    // The mode of the archive, whatever our umask is.
    if (fchmod(file.get(), written.executable ? 0755 : 0644) != 0) {
      throw ErrnoError("setting the mode of", written.path, errno);
    }
    if (synced_) {
      SyncFile(file.get(), written.path);
    }
    written.sha256 = sha.FinishHex();
  }

  std::unique_ptr<archive, FreeReader> reader_;
  std::filesystem::path folder_path_;
  FileDescriptor folder_;
  bool synced_;
  std::vector<std::string> folders_;
  std::vector<MaterialisedFile> files_;
};

}  // namespace

std::optional<Refusal> PackFolder(int folder,
                                  const std::vector<FolderEntry>& entries,
                                  StagedObject& staged,
                                  ContentsTally& tally) {
  Packer packer(staged, tally);
  for (const FolderEntry& entry : entries) {
    if (auto refusal = packer.Add(folder, entry)) {
      return refusal;
    }
  }
  packer.Close();
  return std::nullopt;
}

std::vector<MaterialisedFile> UnpackFolder(int archive_file,
                                           const std::filesystem::path& folder,
                                           bool synced) {
  return Unpacker(archive_file, folder, synced).Unpack();
}

}  // namespace failgate
