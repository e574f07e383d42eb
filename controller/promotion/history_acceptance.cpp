#include "controller/promotion/history_acceptance.h"

#include <fmt/format.h>

#include "controller/base/log.h"
#include "controller/promotion/fact_trailers.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxLost = 10'000'000;
constexpr std::size_t kShownDigits = 12;

/// The head of the branch before it was accepted, when this request did that already.
std::optional<RewrittenBranch> AcceptedBefore(const Request& request, const DeployLog& log) {
  for (const char* branch : {kDeployLogBranch, "main"}) {
    if (const auto lost = log.repository().Ref(LostRef(branch, request.id))) {
      return RewrittenBranch{branch, *lost, CommitId(request.options_json)};
    }
  }
  return std::nullopt;
}

/// A release or a superseded head that only the lost commits told of.
void OweLostRuns(const RewrittenBranch& branch, const Repository& repository, RunStore& runs) {
  if (branch.name != kDeployLogBranch) {
    return;
  }
  for (const CommitId& id : repository.CommitsBetween(branch.remote, branch.accepted, kMaxLost)) {
    const auto written = ParseFactMessage(repository.ReadCommit(id).message);
    const auto run = written ? written->Value("Run") : std::nullopt;
    const bool told = written && (written->fact.kind == FactKind::kReleased ||
                                  written->fact.kind == FactKind::kSuperseded);
    if (told && run) {
      runs.OweAgain(RunId(*run));
    }
  }
}

FactDraft AcceptedDraft(const Request& request,
                        const RewrittenBranch& branch,
                        const DeployLog& log,
                        TimePoint now) {
  FactDraft draft;
  draft.fact.kind = FactKind::kHistoryAccepted;
  draft.fact.at = now;
  draft.fact.subject = fmt::format(
      "accepted the rewritten {} at {}", branch.name, branch.remote.text().substr(0, kShownDigits));
  draft.fact.Add("Branch", branch.name);
  draft.fact.Add("Commit", branch.remote.text());
  draft.fact.Add("Lost", branch.accepted.text());
  draft.fact.Add("Requested-by", TrailerPerson(request.person));
  if (!request.reason.empty()) {
    draft.fact.Add("Reason", request.reason);
  }
  draft.fact.Add("Via", "api");
  draft.fact.Add("Request", request.id);
  draft.change = [&log, id = request.id](LogEdit& edit) {
    const bool is_new = edit.controller->accepted != id;
    edit.controller->accepted = id;
    log.SignIn(*edit.controller, edit.fact.at);
    edit.fact.Add("Instance", edit.controller->instance);
    edit.fact.Add("Host", edit.controller->host);
    return is_new;
  };
  return draft;
}

}  // namespace

RequestAnswer CarryOutAcceptance(const Request& request,
                                 DeployLog& log,
                                 RunStore& runs,
                                 TimePoint now) {
  std::optional<RewrittenBranch> branch = AcceptedBefore(request, log);
  if (!branch) {
    if (log.standing() != LogStanding::kOurs && !log.rewritten()) {
      return RefuseRequest(409, "not_acceptable", log.trouble());
    }
    if (!log.rewritten()) {
      return RefuseRequest(409, "nothing_to_accept", "neither main nor deploy-log was rewritten");
    }
    branch = log.rewritten();
    if (branch->remote.text() != request.options_json) {
      return RefuseRequest(
          409,
          "not_the_head",
          fmt::format("the head of {} is {}: examine that one, and name it in full",
                      branch->name,
                      branch->remote.text()));
    }
  }
  // Also when a kill came between noting what is lost and taking what is left.
  if (log.rewritten() && log.rewritten()->name == branch->name &&
      log.rewritten()->remote == branch->remote) {
    const auto lost = log.AcceptRewritten(request.id);
    if (!lost) {
      return RefuseRequest(409, lost.error().code, lost.error().text);
    }
  }
  if (log.standing() != LogStanding::kOurs) {
    return RefuseRequest(409, "not_acceptable", log.trouble());  // rewritten once more meanwhile
  }
  OweLostRuns(*branch, log.repository(), runs);
  // What was lost may have been the rotation to our key.
  std::vector<FactDraft> drafts;
  if (auto replaced = log.KeyReplacement(now)) {
    drafts.push_back(std::move(*replaced));
  }
  drafts.push_back(AcceptedDraft(request, *branch, log, now));
  const auto written = log.Append(drafts);
  log::Warning("a rewritten branch was accepted",
               {{"branch", branch->name},
                {"commit", branch->remote.text()},
                {"lost", branch->accepted.text()},
                {"by", request.person.email}});
  RequestAnswer answer;
  answer.message = fmt::format("{} is accepted as it is at {}; {} stays in the mirror as {}",
                               branch->name,
                               branch->remote.text(),
                               branch->accepted.text(),
                               LostRef(branch->name, request.id));
  answer.commit = written.back().value_or(CommitId());
  return answer;
}

}  // namespace failgate
