// `failgate hook`: lets a plain bare repository send signed deliveries, as a forge does.
#pragma once

#include <filesystem>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct HookOptions {
  std::string url;  ///< https://failgate.example.com/hooks/churn
  std::filesystem::path secret_file;
  std::string provider = "github";   ///< or "gitlab"
  std::filesystem::path repository;  ///< empty = GIT_DIR, as git sets it for a hook
};

/// Reads lines of post-receive ("old new ref") from standard input and sends one push a branch or
/// tag. Never a reason for git to complain: what goes wrong is a warning and 0, since polling finds
/// the push later; 2 only for wrong usage.
int RunHook(const HookOptions& options, CommandContext& context);

}  // namespace failgate
