// Objects of git-lfs, brought by its own program.
#include <fmt/format.h>

#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "controller/git/askpass.h"
#include "controller/git/git_program.h"
#include "controller/git/remote.h"

namespace failgate {

void Remote::FetchLfs(const std::filesystem::path& repository,
                      const CommitId& commit,
                      Milliseconds deadline) const {
  ProcessSpec spec = GitSpec({"--git-dir=" + repository.native(),
                              "-c",
                              "remote.origin.url=" + url_.text,
                              "lfs",
                              "fetch",
                              "origin",
                              commit.text()},
                             Settings(),
                             config_.home,
                             config_.home / "gitconfig");
  FileDescriptor token;
  if (config_.token) {
    token = AnswerPrompts(config_.home / "askpass", url_, config_.user, *config_.token, spec);
    // A token that is refused is asked for again without end.
    spec.env.emplace_back("FAILGATE_GIT_ONCE", "1");
  }
  if (url_.scheme == UrlScheme::kSsh) {
    spec.env.emplace_back("GIT_SSH_COMMAND", SshCommand());
    spec.env.emplace_back("GIT_SSH_VARIANT", "ssh");
  }
  const ProcessResult result = Start(spec, deadline);
  if (result.Succeeded()) {
    return;
  }
  if (result.stderr_text.find("'lfs' is not a git command") != std::string::npos) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("fetching git-lfs objects of {}: the program git-lfs is not installed "
                            "here: install the package git-lfs",
                            OneLine(Redact(config_.url), 300)));
  }
  throw Failure("fetching git-lfs objects of", result, deadline);
}

}  // namespace failgate
