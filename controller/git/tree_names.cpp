#include "controller/git/tree_names.h"

#include <algorithm>
#include <array>
#include <vector>

#include "controller/base/text.h"

namespace failgate {
namespace {

/// The longest target Linux itself accepts.
constexpr std::size_t kMaxLinkBytes = 4095;
constexpr std::size_t kMaxNameBytes = 255;

/// UTF-8 of the code points HFS+ ignores in names: U+200C–U+200F, U+202A–U+202E, U+206A–U+206F,
/// U+FEFF.
bool IsIgnoredByHfs(std::string_view three_bytes) {
  if (three_bytes == "\xEF\xBB\xBF") {
    return true;
  }
  if (three_bytes.size() != 3 || three_bytes[0] != '\xE2') {
    return false;
  }
  const auto second = static_cast<unsigned char>(three_bytes[1]);
  const auto third = static_cast<unsigned char>(three_bytes[2]);
  return (second == 0x80 &&
          ((third >= 0x8C && third <= 0x8F) || (third >= 0xAA && third <= 0xAE))) ||
         (second == 0x81 && third >= 0xAA && third <= 0xAF);
}

std::string WithoutIgnored(std::string_view name) {
  std::string kept;
  for (std::size_t i = 0; i < name.size();) {
    if (IsIgnoredByHfs(name.substr(i, 3))) {
      i += 3;
    } else {
      kept += name[i++];
    }
  }
  return kept;
}

bool IsDotGitPart(std::string_view part) {
  std::string name = ToLower(WithoutIgnored(part));
  name.resize(std::min(name.find(':'), name.size()));
  name.resize(name.find_last_not_of(". ") + 1);
  return name == ".git" || name == "git~1";
}

}  // namespace

bool IsDotGitSpelling(std::string_view name) {
  const std::vector<std::string> parts = Split(name, '\\');
  return std::any_of(parts.begin(), parts.end(), IsDotGitPart);
}

std::optional<std::string> WhyUnsafeEntryName(std::string_view name) {
  if (name.empty() || name == "." || name == "..") {
    return "it is no file name";
  }
  if (name.size() > kMaxNameBytes) {
    return "its name is longer than 255 bytes";
  }
  if (name.find('/') != std::string_view::npos || name.find('\0') != std::string_view::npos) {
    return "its name holds '/' or NUL";
  }
  if (IsDotGitSpelling(name)) {
    return "it is a spelling of .git";
  }
  return std::nullopt;
}

std::optional<std::string> WhyUnsafeLinkTarget(std::string_view target, int depth) {
  if (target.empty() || target.size() > kMaxLinkBytes ||
      target.find('\0') != std::string_view::npos) {
    return "its target is empty, too long or holds NUL";
  }
  if (target.front() == '/') {
    return "its target is absolute";
  }
  bool name_seen = false;
  for (const std::string& part : Split(target, '/')) {
    if (part.empty() || part == ".") {
      continue;
    }
    if (part != "..") {
      name_seen = true;
    } else if (name_seen) {
      return "its target has '..' after a name, which may lead out of the tree";
    } else if (--depth < 0) {
      return "its target leaves the tree";
    }
  }
  return std::nullopt;
}

}  // namespace failgate
