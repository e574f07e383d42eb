// Pushing to a remote: by git push, or directly where the other side is on this machine.
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/git/direct_push.h"
#include "controller/git/git_program.h"
#include "controller/git/push_report.h"
#include "controller/git/push_standby.h"
#include "controller/git/remote.h"

namespace failgate {

void Remote::DemandCommit(const CommitId& commit) const {
  if (!IsObjectId(commit.text())) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("pushing to {}: the commit's id is malformed",
                            OneLine(Redact(config_.url), 300)));
  }
}

ProcessSpec Remote::DirectSpec(const std::optional<CommitId>& head) const {
  return DirectPushSpec(url_, head, config_.home, config_.home / "gitconfig");
}

/// Whatever goes wrong: the push at work must not end for it, and the next one starts its own.
void Remote::PrepareNext(const CommitId& head, PushStandby& standby) const {
  try {
    ProcessSpec next = DirectSpec(head);
    next.make_stdin = [] { return std::string(kNothingToPush); };
    standby.Prepare(runner_, std::move(next));
  } catch (const std::exception& error) {
    log::Debug("no push stands by", {{"cause", error.what()}});
  }
}

/// All is known before the remote says where the ref stands: if it stands elsewhere it refuses, and
/// nobody has to wait for anybody. Its advertisement is read for what the refusal means.
Remote::DirectPush Remote::PushDirectly(const std::string& ref,
                                        const std::optional<CommitId>& expected_old,
                                        Milliseconds deadline,
                                        const MakeOffer& make,
                                        PushStandby* standby) const {
  ProcessSpec spec = DirectSpec(expected_old);
  std::optional<StartedChild> waiting = standby != nullptr ? standby->Take(spec) : std::nullopt;
  const bool stood_by = waiting.has_value();
  DirectPush push;
  bool was_made = false;
  spec.make_stdin = [&] {
    push.offer = make();
    was_made = true;
    if (!push.offer || push.offer->pack.bytes.empty()) {
      return std::string(kNothingToPush);
    }
    DemandCommit(push.offer->commit);
    std::string input = ReceivePackRequest({ref, expected_old, push.offer->commit});
    input += push.offer->pack.bytes;
    return input;
  };
  // Thrown when the push has ended: a remote that is killed may leave a lock behind.
  std::exception_ptr not_stored;
  spec.on_input = [&] {
    try {
      if (push.offer && push.offer->pack.store) {
        push.offer->pack.store();
      }
    } catch (...) {
      not_stored = std::current_exception();
    }
    if (standby != nullptr && push.offer && !not_stored) {
      PrepareNext(push.offer->commit, *standby);
    }
  };
  ProcessResult result = Start(spec, deadline, std::move(waiting));
  push.spent = result.duration;
  if (not_stored) {
    std::rethrow_exception(not_stored);
  }
  if (!was_made) {
    throw Failure("pushing to", result, deadline);  // cancelled before it began
  }
  if (!push.offer || push.offer->pack.bytes.empty()) {
    return push;
  }
  result.stderr_text = WordsOfReceivePack(result.stderr_text);
  const std::string complaint =
      Trim(result.stderr_text).empty() ? "" : GitComplaint(result, deadline);
  // Also when it was ended: what was taken before that stays taken.
  const ReceivePackVerdict verdict =
      JudgeReceivePack(result.stdout_text, {ref, expected_old, push.offer->commit}, complaint);
  const bool pushed = verdict.result && verdict.result->outcome == PushOutcome::kPushed;
  if (stood_by && !pushed && !result.timed_out && !result.cancelled) {
    // It may speak of what was before the last push, or have died meanwhile.
    push.offer->pack.store = {};
    DirectPush again = PushDirectly(
        ref,
        expected_old,
        std::max(deadline - push.spent, Milliseconds(1)),
        [&push] { return push.offer; },
        nullptr);
    again.spent += push.spent;
    return again;
  }
  if (verdict.pack_refused) {
    return push;
  }
  if (!verdict.result && result.Succeeded()) {
    throw Error(Remedy::kRetry,
                fmt::format("pushing to {}: the remote's answer is not what git answers a push, or "
                            "too long; look at its hooks",
                            OneLine(Redact(config_.url), 300)));
  }
  if (!verdict.result || (stood_by && !pushed)) {
    throw Failure("pushing to", result, deadline);
  }
  push.result = verdict.result;
  return push;
}

PushResult Remote::Push(const std::filesystem::path& repository,
                        const CommitId& commit,
                        const std::string& ref,
                        const std::optional<CommitId>& expected_old,
                        Milliseconds deadline,
                        const PackInHand& pack) const {
  DemandCommit(commit);
  return *PushMade(repository, ref, expected_old, deadline, [&] {
    return PushOffer{commit, pack};
  });
}

std::optional<PushResult> Remote::PushMade(const std::filesystem::path& repository,
                                           const std::string& ref,
                                           const std::optional<CommitId>& expected_old,
                                           Milliseconds deadline,
                                           const MakeOffer& make,
                                           PushStandby* standby) const {
  if (!IsValidRefName(ref) || (expected_old && !IsObjectId(expected_old->text()))) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("pushing to {}: commit or ref name is malformed",
                            OneLine(Redact(config_.url), 300)));
  }
  std::optional<PushOffer> offer;
  if (CanPushDirectly(url_)) {
    DirectPush direct = PushDirectly(ref, expected_old, deadline, make, standby);
    if (direct.result) {
      return direct.result;
    }
    offer = std::move(direct.offer);
    deadline = std::max(deadline - direct.spent, Milliseconds(1));
  } else {
    offer = make();
    if (offer) {
      DemandCommit(offer->commit);
    }
    if (offer && offer->pack.store) {
      offer->pack.store();
    }
  }
  if (!offer) {
    return std::nullopt;
  }
  const std::string expected = expected_old ? expected_old->text() : "";
  const ProcessResult result = RunGit({"--git-dir=" + repository.native(),
                                       "push",
                                       "--porcelain",
                                       "--no-verify",
                                       "--force-with-lease=" + ref + ":" + expected,
                                       "--",
                                       url_.text,
                                       offer->commit.text() + ":" + ref},
                                      deadline);
  if (result.Succeeded()) {
    return PushResult{PushOutcome::kPushed, ""};
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
