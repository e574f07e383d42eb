// A push to a repository on this machine without the program in between: git-receive-pack is the
// child, and the pack is at hand.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/git/receive_pack.h"
#include "controller/git/source_url.h"
#include "controller/process/process.h"

namespace failgate {

/// Where the other side is a program that we would start ourselves: file:// URLs and plain paths.
/// Elsewhere, and without a pack, `git push` does it.
[[nodiscard]] bool CanPushDirectly(const RemoteUrl& url, std::string_view pack);

/// git-receive-pack with the whole push on its standard input, the remote's hooks as always, and
/// what it writes durable. `home`, `global_config`: as GitSpec takes them; the caller sets the
/// deadline and the bound of the output.
[[nodiscard]] ProcessSpec DirectPushSpec(const RemoteUrl& url,
                                         const RefPush& update,
                                         std::string_view pack,
                                         const std::filesystem::path& home,
                                         const std::filesystem::path& global_config);

}  // namespace failgate
