// Reading a clone of the operations repository instead of asking a server.
#pragma once

#include <filesystem>
#include <optional>

#include "controller/cli/command_context.h"
#include "controller/git/repository.h"
#include "controller/promotion/promotion_snapshot.h"

namespace failgate {

/// What the clone last saw; nullopt after saying why it cannot be read. `source`: a clone of the
/// source, for what gates ask of its commits.
[[nodiscard]] std::optional<PromotionSnapshot> OpenClone(
    const std::filesystem::path& clone,
    CommandContext& context,
    const std::optional<std::filesystem::path>& source = {});
/// The repository of a work tree, of one of its folders, or a bare one. Throws Error when there is
/// none.
[[nodiscard]] std::filesystem::path GitFolderOf(const std::filesystem::path& folder);

}  // namespace failgate
