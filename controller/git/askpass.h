// How a token reaches git: a small program of ours that git asks, and a descriptor only it reads.
#pragma once

#include <filesystem>
#include <string>

#include "controller/base/durable_file.h"
#include "controller/base/secret.h"
#include "controller/git/source_url.h"
#include "controller/process/process.h"

namespace failgate {

/// Writes the program into `home` (0700) unless it is there; returns its path.
std::filesystem::path InstallAskpass(const std::filesystem::path& home);

/// Makes git's child ask it: user and token are given for exactly the scheme, host and port of
/// `url`, anything else (a redirect, a submodule, a proxy) gets no answer. The token is in memory
/// only, behind the descriptor returned, which must stay open until the child has ended. With
/// FAILGATE_GIT_ONCE in the child's environment it is given once: for a program that asks for ever.
[[nodiscard]] FileDescriptor AnswerPrompts(const std::filesystem::path& askpass,
                                           const RemoteUrl& url,
                                           const std::string& user,
                                           const Secret& token,
                                           ProcessSpec& spec);

}  // namespace failgate
