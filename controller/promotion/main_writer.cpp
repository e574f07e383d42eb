#include "controller/promotion/main_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/fail_point.h"
#include "controller/promotion/wish.h"

namespace failgate {
namespace {

constexpr int kMaxAttempts = 5;
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

}  // namespace

Parsed<MainWritten> WriteMain(DeployLog& log,
                              const SigningKey& key,
                              const MainEdit& edit,
                              TimePoint now) {
  const AllowedSigners ours = OnlyController(key.PublicLine());
  std::string lost;
  for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    const auto head = log.MainHead();
    if (!head) {
      return Problems{Problem{edit.path, 0, 0, "the operations repository has no branch main"}};
    }
    Repository& repository = log.repository();
    if (const auto done = FindRequest(repository, *head, edit.request, ours)) {
      return MainWritten{*done, true};
    }
    const auto present = repository.ReadFile(*head, edit.path, kMaxFileBytes);
    auto wanted = edit.edit(present);
    if (!wanted) {
      return wanted.error();
    }
    if (present == *wanted) {
      if (!edit.restate) {
        return MainWritten{*head, true};
      }
      const bool open_line = !wanted->empty() && wanted->back() != '\n';
      *wanted += fmt::format("{}# asked again: {}\n", open_line ? "\n" : "", edit.request);
    }
    CommitDraft draft;
    draft.edits = {TreeEdit{edit.path, *wanted}};
    draft.author = edit.person;
    draft.author_time = now;
    draft.committer = log.Identity();
    draft.committer_time = std::max(now, repository.ReadCommit(*head).committer_time);
    draft.message = WishMessage(edit.subject, edit.request, edit.kind, edit.reason);
    CommitChain chain = DraftCommits(repository, head, {draft}, &key);
    const CommitId& commit = chain.commits().front();
    FailPoint("main-drafted");
    const PushResult pushed = log.PushMain(chain, head);
    if (pushed.outcome == PushOutcome::kPushed) {
      FailPoint("main-pushed");
      return MainWritten{commit, false};
    }
    lost = pushed.text;
    log.Fetch();
  }
  throw Error(Remedy::kRetry,
              fmt::format("writing to the branch main: lost the race every time: {}", lost));
}

}  // namespace failgate
