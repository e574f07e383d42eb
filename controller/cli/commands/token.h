// `failgate token`: people's access, made on the controller's host beside its database.
#pragma once

#include <filesystem>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct TokenCreateOptions {
  std::string person;  ///< "Alice Martin <alice@example.com>" or the address alone
  std::string role;
  std::string projects;  ///< names with commas between; empty = all
  std::string expires;   ///< a duration such as 90d; empty = never
  std::filesystem::path config;
};
/// Prints the token, once, alone on standard output.
int RunTokenCreate(const TokenCreateOptions& options, CommandContext& context);

struct TokenListOptions {
  std::filesystem::path config;
  bool json = false;
};
int RunTokenList(const TokenListOptions& options, CommandContext& context);

struct TokenRevokeOptions {
  std::string id;
  std::filesystem::path config;
};
int RunTokenRevoke(const TokenRevokeOptions& options, CommandContext& context);

}  // namespace failgate
