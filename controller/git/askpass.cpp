#include "controller/git/askpass.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "controller/base/error.h"

namespace failgate {
namespace {

constexpr int kTokenDescriptor = 9;

// The prompts are git's own (credential.c) and, in double quotes, those of git-lfs; opened anew
// through /proc the token can be read each time.
constexpr std::string_view kProgram = R"(#!/bin/sh
case "$1" in
  "Username for '$FAILGATE_GIT_SCHEME://$FAILGATE_GIT_HOST': " | \
  "Username for \"$FAILGATE_GIT_SCHEME://$FAILGATE_GIT_HOST\"")
    printf '%s\n' "$FAILGATE_GIT_USER" ;;
  "Password for '$FAILGATE_GIT_SCHEME://$FAILGATE_GIT_USER@$FAILGATE_GIT_HOST': " | \
  "Password for \"$FAILGATE_GIT_SCHEME://$FAILGATE_GIT_USER@$FAILGATE_GIT_HOST\"")
    if [ -n "$FAILGATE_GIT_ONCE" ]; then
      IFS= read -r token <&9 && printf '%s\n' "$token"
    else
      exec cat < /proc/self/fd/9
    fi ;;
  *)
    exit 1 ;;
esac
)";
static_assert(kProgram.find("/proc/self/fd/9") != std::string_view::npos && kTokenDescriptor == 9);

/// Scheme and authority as they stand in the URL: git repeats them so in its prompts.
std::pair<std::string, std::string> PlaceOf(const RemoteUrl& url) {
  const std::size_t separator = url.text.find("://");
  const std::size_t begin = separator + 3;
  return {url.text.substr(0, separator), url.text.substr(begin, url.text.find('/', begin) - begin)};
}

}  // namespace

std::filesystem::path InstallAskpass(const std::filesystem::path& home) {
  const std::filesystem::path path = home / "askpass";
  if (ReadFileIfPresent(path) != std::string(kProgram)) {
    WriteFileDurably(path, kProgram, 0700);
  }
  return path;
}

FileDescriptor AnswerPrompts(const std::filesystem::path& askpass,
                             const RemoteUrl& url,
                             const std::string& user,
                             const Secret& token,
                             ProcessSpec& spec) {
  FileDescriptor memory(memfd_create("token", MFD_CLOEXEC));
  if (!memory.valid()) {
    throw ErrnoError("handing over", "a git token", errno);
  }
  if (fchmod(memory.get(), 0400) != 0) {
    throw ErrnoError("handing over", "a git token", errno);
  }
  WriteAll(memory.get(), token.Reveal() + "\n", "a git token");
  if (lseek(memory.get(), 0, SEEK_SET) != 0) {
    throw ErrnoError("handing over", "a git token", errno);
  }
  const auto [scheme, host] = PlaceOf(url);
  spec.env.emplace_back("GIT_ASKPASS", askpass.native());
  spec.env.emplace_back("FAILGATE_GIT_SCHEME", scheme);
  spec.env.emplace_back("FAILGATE_GIT_HOST", host);
  spec.env.emplace_back("FAILGATE_GIT_USER", user);
  spec.pass_fds.emplace_back(memory.get(), kTokenDescriptor);
  return memory;
}

}  // namespace failgate
