// The controller's signing key and its files while the log is handed over to a new key. What the
// log says decides which file is the key; a kill at any point is ended by the next start.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <filesystem>
#include <string>

#include "controller/deploylog/deploy_log.h"
#include "controller/git/signing_key.h"

namespace failgate {

/// FILE.next: a key that is asked for (or, where the folder may not be written, the key in force).
[[nodiscard]] std::filesystem::path NextKeyFile(const std::filesystem::path& key_file);

struct AskedRotation {
  SigningKey next;
  bool already = false;  ///< it was asked for before
};
/// Makes the new key beside the old one: whole or not there, 0600, of the same owner as the old
/// one. The controller does the rest. Throws Error.
[[nodiscard]] AskedRotation AskRotation(const std::filesystem::path& key_file);

/// Puts the next key in the place of the old one, which is gone then. Throws Error.
void PutNextKeyInPlace(const std::filesystem::path& key_file);

/// Not thread-safe: belongs to the promotion loop, as the log that signs with it. Asked alone may
/// be called from any thread.
class KeyKeeper {
 public:
  /// Loads the key; throws as SigningKey::Load.
  explicit KeyKeeper(std::filesystem::path key_file);
  KeyKeeper(const KeyKeeper&) = delete;
  KeyKeeper& operator=(const KeyKeeper&) = delete;

  /// The same object always; it changes when a rotation ends.
  [[nodiscard]] const SigningKey& key() const { return key_; }
  /// Is there a new key that the log does not know?
  [[nodiscard]] bool Asked() const;
  /// After a fetch: where the log is in the hands of the next key, that becomes the key.
  void Finish(DeployLog& log);
  /// After Finish, by who has taken the log over: writes the fact that is asked for, then finishes.
  /// Throws Error when the next key cannot be read, or as DeployLog::Append.
  void Rotate(DeployLog& log, TimePoint now);

 private:
  std::filesystem::path file_;
  SigningKey key_;
  /// Of FILE.next when key_ was read from it and it could not be moved; a later one is another
  /// file.
  std::atomic<ino_t> next_in_use_ = 0;
};

}  // namespace failgate
