// The bubblewrap command line of a step. Pure apart from ReadHostLayout.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/runners/runner.h"

namespace failgate {

inline constexpr const char* kSandboxWorkspace = "/workspace";
inline constexpr const char* kSandboxHome = "/tmp/home";

/// What of the host a sandbox shows besides its workspace.
struct HostLayout {
  std::vector<std::string> folders;  ///< "/usr", and "/lib" where not merged
  std::vector<std::pair<std::string, std::string>> symlinks;  ///< (target, path): "usr/bin", "/bin"
  std::vector<std::string> settings;                          ///< "/etc/ssl", …
  std::vector<std::string> network_settings;                  ///< added when the step has network
};
/// Looks at `root` ("/" but for tests); only what exists is listed.
[[nodiscard]] HostLayout ReadHostLayout(const std::filesystem::path& root = "/");

/// A file inside whose bytes come from a descriptor.
struct SandboxFile {
  int descriptor = -1;  ///< in the child
  std::string inside;
};

struct SandboxSpec {
  std::filesystem::path workspace;
  bool network = false;
  std::vector<ReadOnlyBind> read_only;
  std::optional<WritableBind> kept = {};
  std::vector<SandboxFile> files;
  long long temporary_bytes = 1LL << 30;  ///< size of /tmp and of /dev/shm, both in memory
  int block_descriptor = -1;              ///< bwrap waits there for one byte
  int info_descriptor = -1;               ///< bwrap writes {"child-pid": N} there
  std::vector<std::pair<std::string, std::string>> env;  ///< all that the step gets
};

/// What bwrap reads from its --args descriptor: there, and not in its argv, values of `env` are not
/// seen by `ps`; and not in its own environment, where LD_PRELOAD would act outside the sandbox.
/// Throws Error for a bind whose inside path is not absolute and plain, or that would cover what
/// every sandbox has.
[[nodiscard]] std::vector<std::string> SandboxArguments(const HostLayout& host,
                                                        const SandboxSpec& spec);

}  // namespace failgate
