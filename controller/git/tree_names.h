// Which names of a git tree may become files: pure rules for hostile trees.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace failgate {

/// True for ".git" as any file system may read it: any case, with trailing dots, blanks or a stream
/// (NTFS), its short name "git~1", with ignored code points in between (HFS+), before or after a
/// '\'.
[[nodiscard]] bool IsDotGitSpelling(std::string_view name);

/// Why `name` cannot be one entry of a folder; nullopt when it can.
[[nodiscard]] std::optional<std::string> WhyUnsafeEntryName(std::string_view name);

/// Why a symlink `depth` folders below the root must not be made; nullopt when wherever it leads is
/// inside the tree. ".." is allowed in front only: after a name it could start from another link's
/// end.
[[nodiscard]] std::optional<std::string> WhyUnsafeLinkTarget(std::string_view target, int depth);

}  // namespace failgate
