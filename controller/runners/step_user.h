// The unprivileged user a step of a root controller runs as.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "controller/base/durable_file.h"
#include "controller/process/process.h"

namespace failgate {

/// First of kStepUsers numbers that belong to steps. The range lies above what Debian
/// (60000–64999), systemd (61184–65519 and 524288–1879048191) and subordinate ids hand out, and
/// below 2^31, which old programs take for negative; so no account and no container has these
/// numbers.
inline constexpr uid_t kFirstStepUser = 1'986'000'000;
inline constexpr uid_t kStepUsers = 4096;

/// A number no other running step on this machine has, also of other controllers; freed at the end.
/// One user a step, because limits on processes count by user and signals reach all of a user.
class StepUser {
 public:
  /// Absent when the controller is not root: then steps run as its own user. Throws Error when all
  /// are taken.
  [[nodiscard]] static std::optional<StepUser> Take();
  [[nodiscard]] ProcessUser user() const { return ProcessUser{uid_, uid_}; }

 private:
  StepUser(uid_t uid, FileDescriptor lock) : uid_(uid), lock_(std::move(lock)) {}
  uid_t uid_;
  FileDescriptor lock_;
};

/// Gives a folder and all in it to `user`; links are not followed, other file systems not entered.
void GiveTree(const std::filesystem::path& folder, const ProcessUser& user);
/// Shuts the folder itself again: owned by us, mode 0700. What lies in it keeps its owner.
void TakeBackFolder(const std::filesystem::path& folder);

}  // namespace failgate
