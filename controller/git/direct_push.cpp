#include "controller/git/direct_push.h"

#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/git/git_program.h"

namespace failgate {
namespace {

/// No program: git finds none, and starts none.
constexpr std::string_view kNoProgram = "failgate-names-no-refs-of-alternates";

/// What else is set reaches the remote's hooks, and is the remote's to make.
GitSettings SettingsOfRemote(const std::optional<CommitId>& expected_old) {
  GitSettings settings = {
      // Not in batches (core.fsyncMethod): for a few objects the folder of a batch costs more.
      {"core.fsync", "committed,reference"},
      // Before it checks what came, git starts itself again to list refs of alternates. Here these
      // are its own refs, by the quarantine of the push, which it looks at in any case.
      {"core.alternateRefsCommand", std::string(kNoProgram)}};
  // The look whether it is time to pack is a process as well: one push of 32 has it, as the
  // remote's configuration wants it.
  if (!expected_old || expected_old->text().substr(0, 2) > "07") {
    settings.emplace_back("receive.autogc", "false");
  }
  return settings;
}

}  // namespace

bool CanPushDirectly(const RemoteUrl& url) {
  // In a URL git reads %XX as the character it stands for; such a path is left to git.
  return url.scheme == UrlScheme::kFile &&
         (url.text == url.path || url.path.find('%') == std::string::npos);
}

ProcessSpec DirectPushSpec(const RemoteUrl& url,
                           const std::optional<CommitId>& expected_old,
                           const std::filesystem::path& home,
                           const std::filesystem::path& global_config) {
  ProcessSpec spec =
      GitSpec({"receive-pack", url.path}, SettingsOfRemote(expected_old), home, global_config);
  // Any signal may come between the making of its lock on the ref and git's note to take it back,
  // and then nobody could push any more. Without us it ends what it has, or its input ends it.
  spec.parent_death_signal = 0;
  return spec;
}

std::string WordsOfReceivePack(std::string_view standard_error) {
  std::vector<std::string> said;
  for (std::string& line : Split(standard_error, '\n')) {
    if (line.find(kNoProgram) == std::string::npos) {
      said.push_back(std::move(line));
    }
  }
  return Join(said, "\n");
}

}  // namespace failgate
