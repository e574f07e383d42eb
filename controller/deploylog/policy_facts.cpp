#include "controller/deploylog/policy_facts.h"

#include <fmt/format.h>

namespace failgate {
namespace {

constexpr std::size_t kShortCommit = 12;

std::string Short(const CommitId& commit) {
  return commit.text().substr(0, kShortCommit);
}

}  // namespace

FactDraft PolicyChangedDraft(const PolicyInForce& policy) {
  FactDraft draft;
  draft.fact.kind = FactKind::kPolicyChanged;
  draft.fact.at = policy.since;
  draft.fact.subject = fmt::format(
      "policy changed to that of {}, signed by {}", Short(policy.commit), policy.signer);
  draft.fact.Add("Commit", policy.commit.text());
  draft.fact.Add("Listing", policy.listing);
  draft.fact.Add("Signature", policy.signature);
  draft.fact.Add("Signer", policy.signer);
  draft.fact.Add("Key", policy.key);
  draft.change = [policy](LogEdit& edit) {
    const auto& known = edit.controller->policy;
    if (known && known->SameContent(policy)) {
      return false;
    }
    edit.controller->policy = policy;
    edit.controller->policy_refused.clear();
    return true;
  };
  return draft;
}

FactDraft PolicyUnsignedDraft(TimePoint at) {
  FactDraft draft;
  draft.fact.kind = FactKind::kPolicyChanged;
  draft.fact.at = at;
  draft.fact.subject = "policy changed to that of main, whoever wrote it";
  draft.fact.Add("Reason", "the server file names no owners of policy any more");
  draft.change = [](LogEdit& edit) {
    const bool asked = edit.controller->policy.has_value();
    edit.controller->policy.reset();
    edit.controller->policy_refused.clear();
    return asked;
  };
  return draft;
}

FactDraft PolicyRefusedDraft(const PolicyStanding& standing, TimePoint at) {
  FactDraft draft;
  draft.fact.kind = FactKind::kRefused;
  draft.result = "refused";
  draft.fact.at = at;
  draft.fact.subject = fmt::format("refused the policy change at {}", Short(standing.head));
  draft.fact.Add("Commit", standing.head.text());
  draft.fact.Add("Content", standing.refused);
  draft.fact.Add("Via", "commit");
  draft.fact.Add("Reason", standing.trouble);
  draft.change = [refused = standing.refused](LogEdit& edit) {
    const bool is_new = edit.controller->policy_refused != refused;
    edit.controller->policy_refused = refused;
    return is_new;
  };
  return draft;
}

std::optional<PolicyInForce> PolicyOfFact(const WrittenFact& written) {
  const auto commit = written.Value("Commit");
  if (!commit) {
    return std::nullopt;
  }
  return PolicyInForce{CommitId(*commit),
                       written.Value("Listing").value_or(""),
                       written.Value("Signature").value_or(""),
                       written.Value("Signer").value_or(""),
                       written.Value("Key").value_or(""),
                       written.fact.at};
}

std::string RefusedPolicyOf(const WrittenFact& written) {
  return written.Value("Content").value_or("");
}

}  // namespace failgate
