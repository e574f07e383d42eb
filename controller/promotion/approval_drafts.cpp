// The facts about approval files: approved, rejected, refused, withdrawn.
#include <fmt/format.h>

#include <algorithm>

#include "controller/promotion/fact_drafts.h"
#include "controller/promotion/fact_trailers.h"

namespace failgate {
namespace {

FactKind KindOf(const ApprovalChange& change) {
  switch (change.kind) {
    case ApprovalChange::Kind::kCounted:
      return change.approval.rejects ? FactKind::kRejected : FactKind::kApproved;
    case ApprovalChange::Kind::kRefused:
      return FactKind::kRefused;
    case ApprovalChange::Kind::kWithdrawn:
      return FactKind::kWithdrawn;
  }
  return FactKind::kRefused;
}

void AddVerdict(FactDraft& draft, const ApprovalChange& change) {
  Fact& fact = draft.fact;
  switch (change.kind) {
    case ApprovalChange::Kind::kCounted:
      fact.Add("Record", change.approval.record);
      fact.Add(change.approval.rejects ? "Rejected-by" : "Approved-by",
               TrailerPerson(change.approval.person));
      if (change.approval.expires) {
        fact.Add("Expires", FormatTime(*change.approval.expires));
      }
      if (!change.text.empty()) {
        fact.Add("Reason", change.text);
      }
      return;
    case ApprovalChange::Kind::kRefused:
      draft.result = "refused";
      fact.Add("Reason", change.told.refused);
      return;
    case ApprovalChange::Kind::kWithdrawn:
      fact.Add("Withdrawn-by", TrailerPerson(change.approval.person));
      fact.Add("Reason", change.told.refused);
      return;
  }
}

void Forget(EnvironmentState& state, const StandingApproval& approval) {
  auto& given = state.approvals;
  given.erase(std::remove_if(given.begin(),
                             given.end(),
                             [&](const StandingApproval& each) {
                               return each.release == approval.release &&
                                      SamePerson(each.person.email, approval.person.email);
                             }),
              given.end());
}

}  // namespace

FactDraft ApprovalFileDraft(const EnvironmentProject& pair,
                            const ApprovalChange& change,
                            TimePoint at) {
  FactDraft draft;
  draft.fact.kind = KindOf(change);
  draft.fact.at = at;
  draft.fact.environment = pair.first;
  draft.fact.project = pair.second;
  draft.fact.release = change.release;
  const bool refused = change.kind == ApprovalChange::Kind::kRefused;
  draft.fact.subject = fmt::format("{} {}{} for {}",
                                   FactWord(draft.fact.kind),
                                   refused ? "an approval file of " : "",
                                   change.release.text(),
                                   pair.first.text());
  AddVerdict(draft, change);
  draft.fact.Add("Via", "commit");
  if (!change.wanted.empty()) {
    draft.fact.Add("Wanted", change.wanted.text());
  }
  draft.fact.Add("File", fmt::format("{}@{}", change.path, change.told.file));
  draft.fact.Add("Signature", change.told.signature.empty() ? "none" : change.told.signature);
  if (!change.signed_with.empty()) {
    draft.fact.Add("Signed-with", change.signed_with);
  }
  draft.change = [change](LogEdit& edit) {
    EnvironmentState& state = *edit.environment;
    const auto known = state.approval_files.find(change.path);
    if (known != state.approval_files.end() && known->second == change.told) {
      return false;
    }
    if (change.kind != ApprovalChange::Kind::kRefused) {
      Forget(state, change.approval);
    }
    if (change.kind == ApprovalChange::Kind::kCounted) {
      state.approvals.push_back(change.approval);
    }
    state.TellApproval(change.path, change.told);
    return true;
  };
  return draft;
}

}  // namespace failgate
