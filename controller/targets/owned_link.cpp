#include "controller/targets/owned_link.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxLinkText = 4096;
constexpr std::size_t kShownLinkText = 200;

std::string PathText(const TargetPlace& place) {
  return (place.root / place.parent / place.link).lexically_normal().string();
}

/// The same name each time: what a killed process left is found again.
std::string TemporaryName(const TargetPlace& place) {
  return ".failgate-link-" + Sha256Hex(place.link).substr(0, 16);
}

LinkSeen Look(int parent, const std::string& name, const TargetPlace& place) {
  LinkSeen seen;
  struct stat status {};
  if (fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return seen;
    throw ErrnoError("looking at", PathText(place), errno);
  }
  seen.kind = LinkSeen::Kind::kForeign;
  if (!S_ISLNK(status.st_mode)) {
    seen.detail = S_ISDIR(status.st_mode)   ? "a folder that failgate did not make"
                  : S_ISREG(status.st_mode) ? "a file that failgate did not make"
                                            : "something that is no link";
    return seen;
  }
  std::array<char, kMaxLinkText> buffer{};
  const ssize_t size = readlinkat(parent, name.c_str(), buffer.data(), buffer.size());
  if (size < 0) throw ErrnoError("reading the link", PathText(place), errno);
  std::string text(buffer.data(), static_cast<std::size_t>(size));
  seen.detail =
      fmt::format("a link to {}, outside {}", OneLine(text, kShownLinkText), place.LinkTextOf(""));
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  const std::string start = place.LinkTextOf("");
  if (!text.starts_with(start)) return seen;
  const std::string version = text.substr(start.size());
  if (!IsSafeRelativePath(version) || version.find('/') != std::string::npos) return seen;
  return LinkSeen{LinkSeen::Kind::kOurs, version, ""};
}

[[noreturn]] void Refuse(const TargetPlace& place, const LinkSeen& seen) {
  throw Error(
      Remedy::kNeedsChange,
      fmt::format(
          "{}: {} stands there; it is never replaced: move it away", PathText(place), seen.detail));
}

bool Unsupported(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

void PutNew(int parent, const std::string& temporary, const TargetPlace& place) {
  if (renameat2(parent, temporary.c_str(), parent, place.link.c_str(), RENAME_NOREPLACE) == 0) {
    return;
  }
  const int error = errno;
  if (error == EEXIST) Refuse(place, Look(parent, place.link, place));
  if (!Unsupported(error) || renameat(parent, temporary.c_str(), parent, place.link.c_str()) != 0) {
    throw ErrnoError("making the link", PathText(place), error);
  }
}

/// Changes places with what is there, so that what came out can be looked at, and put back.
void Exchange(int parent, const std::string& temporary, const TargetPlace& place) {
  const auto exchange = [&] {
    return renameat2(parent, temporary.c_str(), parent, place.link.c_str(), RENAME_EXCHANGE);
  };
  if (exchange() != 0) {
    const int error = errno;
    if (!Unsupported(error) ||
        renameat(parent, temporary.c_str(), parent, place.link.c_str()) != 0) {
      throw ErrnoError("switching the link", PathText(place), error);
    }
    return;
  }
  const LinkSeen former = Look(parent, temporary, place);
  if (former.kind == LinkSeen::Kind::kForeign) {
    if (exchange() != 0) throw ErrnoError("putting back", PathText(place), errno);
    Refuse(place, former);
  }
}

}  // namespace

LinkSeen LookAtLink(int parent, const TargetPlace& place) {
  return Look(parent, place.link, place);
}

void RemoveStaleLink(int parent, const TargetPlace& place) {
  const std::string temporary = TemporaryName(place);
  const LinkSeen seen = Look(parent, temporary, place);
  if (seen.kind == LinkSeen::Kind::kForeign) {
    throw Error(
        Remedy::kNeedsChange,
        fmt::format("{} beside {}: {}; move it away", temporary, PathText(place), seen.detail));
  }
  if (seen.kind == LinkSeen::Kind::kOurs && unlinkat(parent, temporary.c_str(), 0) != 0 &&
      errno != ENOENT) {
    throw ErrnoError("removing the temporary link beside", PathText(place), errno);
  }
}

void SwitchLink(int parent, const TargetPlace& place) {
  const LinkSeen seen = LookAtLink(parent, place);
  if (seen.kind == LinkSeen::Kind::kForeign) Refuse(place, seen);
  RemoveStaleLink(parent, place);
  const std::string temporary = TemporaryName(place);
  if (symlinkat(place.LinkText().c_str(), parent, temporary.c_str()) != 0) {
    throw ErrnoError("making a link beside", PathText(place), errno);
  }
  try {
    FailPoint("link-made");
    if (seen.kind == LinkSeen::Kind::kAbsent) {
      PutNew(parent, temporary, place);
    } else {
      Exchange(parent, temporary, place);
    }
  } catch (...) {
    // Only what is certainly our own temporary link; anything else stays for a person.
    if (Look(parent, temporary, place).kind == LinkSeen::Kind::kOurs) {
      static_cast<void>(unlinkat(parent, temporary.c_str(), 0));
    }
    throw;
  }
  SyncFile(parent, PathText(place));
  RemoveStaleLink(parent, place);
}

void RemoveLink(int parent, const TargetPlace& place) {
  RemoveStaleLink(parent, place);
  const LinkSeen seen = LookAtLink(parent, place);
  if (seen.kind == LinkSeen::Kind::kForeign) Refuse(place, seen);
  if (seen.kind == LinkSeen::Kind::kOurs) {
    // Moved first, so that what came in between is looked at before it is gone.
    const std::string temporary = TemporaryName(place);
    if (renameat(parent, place.link.c_str(), parent, temporary.c_str()) != 0) {
      throw ErrnoError("taking away the link", PathText(place), errno);
    }
    const LinkSeen moved = Look(parent, temporary, place);
    if (moved.kind == LinkSeen::Kind::kForeign) {
      if (renameat(parent, temporary.c_str(), parent, place.link.c_str()) != 0) {
        throw ErrnoError("putting back", PathText(place), errno);
      }
      Refuse(place, moved);
    }
    RemoveStaleLink(parent, place);
  }
  SyncFile(parent, PathText(place));
}

}  // namespace failgate
