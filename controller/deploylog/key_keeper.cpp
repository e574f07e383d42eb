#include "controller/deploylog/key_keeper.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/deploylog/key_rotation.h"

namespace failgate {
namespace {

std::filesystem::path FolderOf(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

/// What root makes for the server must be the server's.
void GiveToOwnerOf(const std::filesystem::path& model, const std::filesystem::path& file) {
  struct stat info = {};
  if (::geteuid() != 0) {
    return;
  }
  if (::stat(model.c_str(), &info) != 0 || ::lchown(file.c_str(), info.st_uid, info.st_gid) != 0) {
    throw ErrnoError("giving the new key to the owner of", model.string(), errno);
  }
}

/// The new key must not replace one that somebody else made in the meantime, nor be seen half.
void Publish(const std::filesystem::path& making, const std::filesystem::path& next) {
  const int linked = ::link(making.c_str(), next.c_str());
  const int why = errno;
  ::unlink(making.c_str());
  if (linked != 0) {
    throw ErrnoError("making signing key", next.string(), why);
  }
  SyncFolder(FolderOf(next));
}

std::string KeyInForce(DeployLog& log) {
  const auto controller = LogTree(log.repository(), log.LogHead()).Controller();
  return controller ? controller->key : std::string();
}

}  // namespace

std::filesystem::path NextKeyFile(const std::filesystem::path& key_file) {
  return key_file.string() + ".next";
}

AskedRotation AskRotation(const std::filesystem::path& key_file) {
  const SigningKey old_key = SigningKey::Load(key_file);
  const std::filesystem::path next = NextKeyFile(key_file);
  if (std::filesystem::exists(next)) {
    return AskedRotation{SigningKey::Load(next), true};
  }
  const std::string line = old_key.PublicLine();
  const std::size_t comment = line.find(' ', line.find(' ') + 1);
  const std::filesystem::path making = key_file.string() + ".making";
  ::unlink(making.c_str());  // of a command that was killed
  SigningKey key = SigningKey::Generate(
      making, comment == std::string::npos ? "" : std::string_view(line).substr(comment + 1));
  GiveToOwnerOf(key_file, making);
  Publish(making, next);
  return AskedRotation{std::move(key), false};
}

void PutNextKeyInPlace(const std::filesystem::path& key_file) {
  const std::filesystem::path next = NextKeyFile(key_file);
  if (::rename(next.c_str(), key_file.c_str()) != 0) {
    throw ErrnoError("putting the new signing key in place of", key_file.string(), errno);
  }
  SyncFolder(FolderOf(key_file));
}

KeyKeeper::KeyKeeper(std::filesystem::path key_file)
    : file_(std::move(key_file)), key_(SigningKey::Load(file_)) {}

bool KeyKeeper::Asked() const {
  struct stat info = {};
  return ::stat(NextKeyFile(file_).c_str(), &info) == 0 && info.st_ino != next_in_use_;
}

void KeyKeeper::Finish(DeployLog& log) {
  const std::filesystem::path next = NextKeyFile(file_);
  if (!Asked()) {
    return;
  }
  SigningKey key = SigningKey::Load(next);
  if (key.Fingerprint() != KeyInForce(log)) {
    return;
  }
  try {
    PutNextKeyInPlace(file_);
  } catch (const Error& error) {
    // A service often may not write beside its key. The log says which file is the key, so that
    // both stay right until somebody who may puts it in place.
    log::Warning("the new signing key stays where it is: move it over the old one",
                 {{"from", next.string()}, {"to", file_.string()}, {"why", error.what()}});
    struct stat info = {};
    next_in_use_ = ::stat(next.c_str(), &info) == 0 ? info.st_ino : 0;
  }
  key_ = std::move(key);
}

void KeyKeeper::Rotate(DeployLog& log, TimePoint now) {
  if (!Asked()) {
    return;
  }
  const SigningKey next = SigningKey::Load(NextKeyFile(file_));
  if (next.Fingerprint() != KeyInForce(log)) {
    log.Append({RotationDraft(key_, next, log.MainHead(), now)});
  }
  Finish(log);
}

}  // namespace failgate
