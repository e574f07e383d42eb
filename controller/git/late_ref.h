// A ref that moves at once and is on the disk a moment later.
#pragma once

#include <filesystem>
#include <future>
#include <optional>
#include <string>

#include "controller/base/ids.h"
#include "controller/git/repository.h"

namespace failgate {

/// For a ref that only remembers what another place holds durably: whoever waits for a fact need
/// not wait for this too. A power cut may take the newest move back, or leave the file empty
/// (RemoveTornRefs). Not thread-safe.
class LateRef {
 public:
  /// `name`: "refs/failgate/deploy-log".
  LateRef(const std::filesystem::path& git_dir, std::string name);
  /// Waits for the disk.
  ~LateRef();
  LateRef(const LateRef&) = delete;
  LateRef& operator=(const LateRef&) = delete;

  /// As Repository::SetRef, of a commit that `repository` has. Waits for the move before; throws
  /// Error when that could not be made durable.
  [[nodiscard]] bool Set(const Repository& repository,
                         const CommitId& to,
                         const std::optional<CommitId>& expected_old);

 private:
  std::string name_;
  std::filesystem::path file_;
  std::future<void> syncing_;
};

}  // namespace failgate
