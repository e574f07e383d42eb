// `approve --sign KEY --repo CLONE`: a signed approval file as a commit of a clone; needs no
// server.
#pragma once

#include <filesystem>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct SignApprovalOptions {
  bool rejects = false;
  std::string release;  ///< "churn-42"
  std::string environment;
  std::filesystem::path key;    ///< private key, or the .pub of one that an agent holds
  std::filesystem::path clone;  ///< with a work tree
  std::string text;             ///< what the person says; may be empty
  std::string expires;          ///< a duration; empty = kDefaultExpiry, or never for a reject
};

/// Commits the file and its signature on the branch that is checked out, in the name that the
/// clone's git knows, and says what to type next. Nothing is pushed.
int RunSignApproval(const SignApprovalOptions& options, CommandContext& context);

}  // namespace failgate
