// Files that are whole or not there, also after a power cut.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace failgate {

/// An owned file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor();
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  /// Gives up ownership.
  int Release();
  void Close();

 private:
  int fd_ = -1;
};

/// Temporary file beside it, write, fsync, rename, fsync of the folder. Throws Error.
void WriteFileDurably(const std::filesystem::path& path,
                      std::string_view bytes,
                      mode_t mode = 0644);
/// Whole file; throws Error when it is absent or larger than max_bytes.
[[nodiscard]] std::string ReadFile(const std::filesystem::path& path,
                                   std::size_t max_bytes = std::size_t{64} << 20U);
/// nullopt when it is absent; throws as ReadFile for anything else.
[[nodiscard]] std::optional<std::string> ReadFileIfPresent(const std::filesystem::path& path,
                                                           std::size_t max_bytes = std::size_t{64}
                                                                                   << 20U);
void WriteAll(int fd, std::string_view bytes, std::string_view object);
void SyncFile(int fd, std::string_view object);
void SyncFolder(const std::filesystem::path& folder);
/// Creates missing parents with `mode`.
void CreateFolders(const std::filesystem::path& folder, mode_t mode = 0755);
/// Removes a tree that others may have filled: read-only folders included, links never followed.
void RemoveTree(const std::filesystem::path& path);

/// A folder of its own under `parent` (default: the system's), removed at the end.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::filesystem::path& parent = {});
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace failgate
