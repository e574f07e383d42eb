#include "controller/runners/sandbox.h"

#include <fmt/format.h>

#include <array>
#include <system_error>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

constexpr std::array kSystemFolders = {
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
constexpr std::array kSettings = {"/etc/ssl",
                                  "/etc/passwd",
                                  "/etc/group",
                                  "/etc/nsswitch.conf",
                                  "/etc/alternatives",
                                  "/etc/ld.so.cache",
                                  "/etc/ld.so.conf",
                                  "/etc/ld.so.conf.d",
                                  "/etc/localtime"};
constexpr std::array kNetworkSettings = {"/etc/resolv.conf", "/etc/hosts"};

template <std::size_t kCount>
std::vector<std::string> Existing(const fs::path& root,
                                  const std::array<const char*, kCount>& paths) {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const char* path : paths) {
    if (fs::exists(root / fs::path(path).relative_path(), ignored)) found.emplace_back(path);
  }
  return found;
}

bool LiesIn(const std::string& path, std::string_view folder) {
  return path == folder ||
         (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

void CheckBind(const ReadOnlyBind& bind) {
  const std::string inside = bind.inside.string();
  const bool plain = bind.inside.is_absolute() && bind.inside.lexically_normal() == bind.inside &&
                     inside.size() > 1 && inside.back() != '/';
  bool covers = false;
  for (const char* taken : {"/usr",
                            "/bin",
                            "/sbin",
                            "/lib",
                            "/lib32",
                            "/lib64",
                            "/libx32",
                            "/etc",
                            "/proc",
                            "/dev",
                            "/tmp",
                            kSandboxWorkspace}) {
    covers = covers || LiesIn(inside, taken);
  }
  if (!plain || covers || !bind.host.is_absolute()) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("bind {} into a sandbox at '{}': the place must be an absolute path "
                            "outside the system's folders and the workspace",
                            OneLine(bind.host.string()),
                            OneLine(inside)));
  }
}

/// Appends words to an argv.
void Add(std::vector<std::string>& argv, std::initializer_list<std::string> words) {
  argv.insert(argv.end(), words);
}

void AddHost(std::vector<std::string>& argv, const HostLayout& host, const SandboxSpec& spec) {
  for (const std::string& folder : host.folders) Add(argv, {"--ro-bind", folder, folder});
  for (const auto& [target, path] : host.symlinks) Add(argv, {"--symlink", target, path});
  const auto replaced = [&spec](const std::string& path) {
    for (const SandboxFile& file : spec.files) {
      if (file.inside == path) return true;
    }
    return false;
  };
  for (const std::string& path : host.settings) {
    if (!replaced(path)) Add(argv, {"--ro-bind", path, path});
  }
  if (spec.network) {
    for (const std::string& path : host.network_settings) {
      if (!replaced(path)) Add(argv, {"--ro-bind", path, path});
    }
  }
  for (const SandboxFile& file : spec.files) {
    Add(argv,
        {"--perms", "0444", "--ro-bind-data", fmt::format("{}", file.descriptor), file.inside});
  }
}

}  // namespace

HostLayout ReadHostLayout(const fs::path& root) {
  HostLayout layout;
  std::error_code ignored;
  for (const char* path : kSystemFolders) {
    const fs::path on_host = root / fs::path(path).relative_path();
    if (fs::is_symlink(on_host, ignored)) {
      layout.symlinks.emplace_back(fs::read_symlink(on_host).string(), path);
    } else if (fs::is_directory(on_host, ignored)) {
      layout.folders.emplace_back(path);
    }
  }
  layout.settings = Existing(root, kSettings);
  layout.network_settings = Existing(root, kNetworkSettings);
  return layout;
}

std::vector<std::string> SandboxArguments(const HostLayout& host, const SandboxSpec& spec) {
  std::vector<std::string> argv = {"--unshare-user",
                                   "--unshare-pid",
                                   "--unshare-ipc",
                                   "--unshare-uts",
                                   "--unshare-cgroup",
                                   "--disable-userns",
                                   "--cap-drop",
                                   "ALL",
                                   "--die-with-parent",
                                   "--new-session",
                                   "--hostname",
                                   "step"};
  if (!spec.network) Add(argv, {"--unshare-net"});
  AddHost(argv, host, spec);
  const std::string size = fmt::format("{}", spec.temporary_bytes);
  Add(argv, {"--proc", "/proc", "--dev", "/dev"});
  Add(argv, {"--size", size, "--perms", "1777", "--tmpfs", "/dev/shm"});
  Add(argv, {"--size", size, "--perms", "1777", "--tmpfs", "/tmp", "--dir", kSandboxHome});
  Add(argv, {"--bind", spec.workspace.string(), kSandboxWorkspace});
  for (const ReadOnlyBind& bind : spec.read_only) {
    CheckBind(bind);
    Add(argv, {"--ro-bind", bind.host.string(), bind.inside.string()});
  }
  if (spec.kept) {
    CheckBind({spec.kept->host, spec.kept->inside});
    Add(argv, {"--bind", spec.kept->host.string(), spec.kept->inside.string()});
  }
  // Both lie in memory and have no size of their own: read-only, they cannot be filled.
  Add(argv, {"--remount-ro", "/dev", "--remount-ro", "/"});
  Add(argv, {"--chdir", kSandboxWorkspace});
  if (spec.block_descriptor >= 0) {
    Add(argv, {"--block-fd", fmt::format("{}", spec.block_descriptor)});
  }
  if (spec.info_descriptor >= 0) {
    Add(argv, {"--info-fd", fmt::format("{}", spec.info_descriptor)});
  }
  Add(argv, {"--clearenv"});
  for (const auto& [name, value] : spec.env) Add(argv, {"--setenv", name, value});
  return argv;
}

}  // namespace failgate
