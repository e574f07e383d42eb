// `failgate audit verify`: proves or disproves the deploy log with nothing but a clone.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct AuditOptions {
  std::filesystem::path clone = ".";
  std::string expect;  ///< a commit known from elsewhere that must be part of the log
  std::string since;   ///< a commit of the log that is taken as proven, with all before it
  /// Keys that may sign, from outside of the clone; absent = `allowed_signers` of its main.
  std::optional<std::filesystem::path> allowed_signers;
  /// Whose keys may sign policy; absent = that is not asked.
  std::optional<std::filesystem::path> owners;
  bool json = false;
};

/// The log as the remote has it; a branch deploy-log of the clone's own that went another way is
/// verified too, so that nothing can hide behind the other.
int RunAudit(const AuditOptions& options, CommandContext& context);

}  // namespace failgate
