// Working beside the server without taking its files away from it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace failgate {

/// A root process acts as the owner of `folder` while this lives, so that files it makes there are
/// the server's; anybody else, and a folder that is not there, change nothing. Throws Error. One at
/// a time, in a process with one thread.
class FolderOwner {
 public:
  explicit FolderOwner(const std::filesystem::path& folder);
  ~FolderOwner();
  FolderOwner(const FolderOwner&) = delete;
  FolderOwner& operator=(const FolderOwner&) = delete;

 private:
  std::optional<gid_t> former_group_;
};

}  // namespace failgate
