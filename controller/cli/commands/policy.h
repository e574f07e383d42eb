// `failgate policy sign`, `show`, `verify`: an owner's signature over the policy of a clone.
#pragma once

#include <filesystem>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct PolicySignOptions {
  std::filesystem::path clone = ".";
  /// A private key, or the .pub file of one that an agent holds; of any type ssh-keygen knows.
  std::filesystem::path key;
};
/// Signs what HEAD says of policy, writes policy.sig, and commits it in the person's name; pushes
/// nothing. Refused where files of policy are changed and not committed.
int RunPolicySign(const PolicySignOptions& options, CommandContext& context);

struct PolicyShowOptions {
  std::filesystem::path clone = ".";
  std::filesystem::path owners;
  bool json = false;
};
/// What policy covers at HEAD, what an owner has not signed of it, and who signed.
int RunPolicyShow(const PolicyShowOptions& options, CommandContext& context);
/// One line; 1 when HEAD is not covered.
int RunPolicyVerify(const PolicyShowOptions& options, CommandContext& context);

}  // namespace failgate
