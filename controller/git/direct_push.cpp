#include "controller/git/direct_push.h"

#include <csignal>

#include "controller/git/git_program.h"

namespace failgate {
namespace {

/// What else is set reaches the remote's hooks, and is the remote's to make.
GitSettings SettingsOfRemote(const RefPush& update) {
  GitSettings settings = {
      // Not in batches (core.fsyncMethod): for a few objects the folder of a batch costs more.
      {"core.fsync", "committed,reference"},
      // Before it checks what came, git starts itself again to list refs of alternates. Here these
      // are its own refs, by the quarantine of the push, which it looks at in any case.
      {"core.alternateRefsCommand", "true"}};
  // The look whether it is time to pack is a process as well: one push of eight has it, as the
  // remote's configuration wants it.
  if (update.commit.text().substr(0, 1) > "1") {
    settings.emplace_back("receive.autogc", "false");
  }
  return settings;
}

}  // namespace

bool CanPushDirectly(const RemoteUrl& url, std::string_view pack) {
  // In a URL git reads %XX as the character it stands for; such a path is left to git.
  return url.scheme == UrlScheme::kFile && !pack.empty() &&
         (url.text == url.path || url.path.find('%') == std::string::npos);
}

/// All is known before the remote says where the ref stands: if it stands elsewhere it refuses, and
/// nobody has to wait for anybody. Its advertisement is read for what the refusal means.
ProcessSpec DirectPushSpec(const RemoteUrl& url,
                           const RefPush& update,
                           std::string_view pack,
                           const std::filesystem::path& home,
                           const std::filesystem::path& global_config) {
  ProcessSpec spec =
      GitSpec({"receive-pack", url.path}, SettingsOfRemote(update), home, global_config);
  spec.stdin_text = ReceivePackRequest(update).append(pack);
  // Killed it would leave its lock on the ref, and nobody could push any more.
  spec.parent_death_signal = SIGTERM;
  return spec;
}

}  // namespace failgate
