// Bytes on their way into the store: written to a temporary file and hashed at the same time.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"

namespace failgate {

/// Removes its file at the end unless Commit was called. Not thread-safe.
class StagedObject {
 public:
  explicit StagedObject(const std::filesystem::path& temporary_folder);
  ~StagedObject();
  StagedObject(const StagedObject&) = delete;
  StagedObject& operator=(const StagedObject&) = delete;

  void Write(std::string_view bytes);
  [[nodiscard]] long long size() const { return size_; }
  /// Syncs, names the file objects/AB/REST below `objects` after its digest (which it gives back)
  /// and syncs the folders. An object already there is replaced by the same bytes.
  std::string Commit(const std::filesystem::path& objects);

 private:
  std::string name_;
  FileDescriptor file_;
  Sha256 sha_;
  long long size_ = 0;
  bool committed_ = false;
};

/// objects/AB/REST. A failed Check for anything but 64 hex digits.
[[nodiscard]] std::filesystem::path ObjectPathIn(const std::filesystem::path& objects,
                                                 std::string_view sha256);

}  // namespace failgate
