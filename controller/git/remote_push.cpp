// Pushing to a remote: by git push, or directly where the other side is on this machine.
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "controller/base/text.h"
#include "controller/git/direct_push.h"
#include "controller/git/git_program.h"
#include "controller/git/push_report.h"
#include "controller/git/remote.h"

namespace failgate {

Remote::DirectPush Remote::PushDirectly(const RefPush& update,
                                        const PackInHand& pack,
                                        Milliseconds deadline) const {
  ProcessSpec spec =
      DirectPushSpec(url_, update, pack.bytes, config_.home, config_.home / "gitconfig");
  // Thrown when the push has ended: a remote that is killed may leave a lock behind.
  std::exception_ptr not_stored;
  const ProcessResult result = Start(spec, deadline, [&] {
    try {
      if (pack.store) {
        pack.store();
      }
    } catch (...) {
      not_stored = std::current_exception();
    }
  });
  if (not_stored) {
    std::rethrow_exception(not_stored);
  }
  const std::string complaint =
      Trim(result.stderr_text).empty() ? "" : GitComplaint(result, deadline);
  // Also when it was ended: what was taken before that stays taken.
  const ReceivePackVerdict verdict = JudgeReceivePack(result.stdout_text, update, complaint);
  if (verdict.pack_refused) {
    return {std::nullopt, result.duration};
  }
  if (!verdict.result && result.Succeeded()) {
    throw Error(Remedy::kRetry,
                fmt::format("pushing to {}: the remote's answer is not what git answers a push, or "
                            "too long; look at its hooks",
                            OneLine(Redact(config_.url), 300)));
  }
  if (!verdict.result) {
    throw Failure("pushing to", result, deadline);
  }
  return {verdict.result, result.duration};
}

PushResult Remote::Push(const std::filesystem::path& repository,
                        const CommitId& commit,
                        const std::string& ref,
                        const std::optional<CommitId>& expected_old,
                        Milliseconds deadline,
                        const PackInHand& pack) const {
  if (!IsObjectId(commit.text()) || !IsValidRefName(ref) ||
      (expected_old && !IsObjectId(expected_old->text()))) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("pushing to {}: commit or ref name is malformed",
                            OneLine(Redact(config_.url), 300)));
  }
  if (CanPushDirectly(url_, pack.bytes)) {
    const DirectPush direct = PushDirectly({ref, expected_old, commit}, pack, deadline);
    if (direct.result) {
      return *direct.result;
    }
    deadline = std::max(deadline - direct.spent, Milliseconds(1));
  } else if (pack.store) {
    pack.store();
  }
  const std::string expected = expected_old ? expected_old->text() : "";
  const ProcessResult result = RunGit({"--git-dir=" + repository.native(),
                                       "push",
                                       "--porcelain",
                                       "--no-verify",
                                       "--force-with-lease=" + ref + ":" + expected,
                                       "--",
                                       url_.text,
                                       commit.text() + ":" + ref},
                                      deadline);
  if (result.Succeeded()) {
    return {PushOutcome::kPushed, ""};
  }
  if (!result.timed_out && !result.cancelled) {
    const std::string complaint =
        Trim(result.stderr_text).empty() ? "" : GitComplaint(result, deadline);
    if (const auto judged = JudgePushReport(result.stdout_text, ref, complaint);
        judged && judged->outcome != PushOutcome::kPushed) {
      return *judged;
    }
  }
  throw Failure("pushing to", result, deadline);
}

}  // namespace failgate
