#include "controller/cli/offline_clone.h"

#include <fmt/format.h>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxPointerBytes = 4096;

/// A linked work tree has a file that says where its repository is.
std::filesystem::path FollowPointer(const std::filesystem::path& pointer) {
  const std::string text = ReadFile(pointer, kMaxPointerBytes);
  constexpr std::string_view kStart = "gitdir:";
  if (text.compare(0, kStart.size(), kStart) != 0) {
    throw Error(Remedy::kNeedsChange, fmt::format("{} names no git repository", pointer.string()));
  }
  const std::filesystem::path target(std::string(Trim(text.substr(kStart.size()))));
  return target.is_absolute() ? target : pointer.parent_path() / target;
}

}  // namespace

std::filesystem::path GitFolderOf(const std::filesystem::path& folder) {
  const std::filesystem::path start = std::filesystem::absolute(folder).lexically_normal();
  std::error_code error;
  if (!std::filesystem::is_directory(start, error)) {
    throw Error(Remedy::kNeedsChange, fmt::format("{} is no folder", folder.string()));
  }
  if (std::filesystem::exists(start / "HEAD", error) &&
      std::filesystem::is_directory(start / "objects", error)) {
    return start;
  }
  for (std::filesystem::path place = start;; place = place.parent_path()) {
    const std::filesystem::path inside = place / ".git";
    if (std::filesystem::is_directory(inside, error)) {
      return inside;
    }
    if (std::filesystem::is_regular_file(inside, error)) {
      return FollowPointer(inside);
    }
    if (place == place.parent_path()) {
      break;
    }
  }
  throw Error(Remedy::kNeedsChange,
              fmt::format("{} is no git repository: name a clone", folder.string()));
}

std::optional<PromotionSnapshot> OpenClone(const std::filesystem::path& clone,
                                           CommandContext& context,
                                           const std::optional<std::filesystem::path>& source) {
  Result<PromotionSnapshot> snapshot =
      ReadClone(GitFolderOf(clone),
                context.clock.Now(),
                source ? GitFolderOf(*source) : std::filesystem::path());
  if (!snapshot) {
    context.terminal.Error(snapshot.error().text);
    return std::nullopt;
  }
  return std::move(snapshot).value();
}

}  // namespace failgate
