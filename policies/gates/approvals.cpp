#include "policies/gates/approvals.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "controller/base/text.h"

namespace failgate {
namespace {

bool Excludes(const ApprovalsGate& gate, Excluded whom) {
  return std::find(gate.excluded.begin(), gate.excluded.end(), whom) != gate.excluded.end();
}

/// Why the gate cannot tell who is excluded; empty when it can.
std::string UnknownExclusion(const ApprovalsGate& gate, const Facts& facts) {
  if (Excludes(gate, Excluded::kAuthor) && !facts.authors_known) {
    return "the authors since what runs are not known";
  }
  if (!Excludes(gate, Excluded::kRequester)) return {};
  // An unsigned commit is nobody's, and automation is no person: there is no requester to leave
  // out.
  const bool nobody_asked = facts.requested_via == "automatic" || facts.requested_via == "commit";
  if ((!facts.requester || facts.requester->empty()) && !nobody_asked) {
    return "who asked for the promotion is not known";
  }
  return {};
}

/// "author", "requester" or empty.
std::string ExclusionOf(const ApprovalsGate& gate, const Facts& facts, const std::string& email) {
  if (Excludes(gate, Excluded::kAuthor)) {
    for (const Person& author : facts.authors) {
      if (SamePerson(author.email, email)) return "author";
    }
  }
  if (Excludes(gate, Excluded::kRequester) && facts.requester &&
      SamePerson(facts.requester->email, email)) {
    return "requester";
  }
  return {};
}

/// What a person's acts come to.
enum class Voice { kNone, kApproves, kRejects };

/// Later acts win. At the same instant the stricter one does, whatever the order of the facts.
bool Overrides(const ApprovalFact& a, const ApprovalFact& b) {
  const auto strictness = [](const ApprovalFact& act) {
    const TimePoint expires = act.expires.value_or(TimePoint::max());
    return std::make_tuple(act.at, act.rejects, -expires.time_since_epoch().count());
  };
  return strictness(a) > strictness(b);
}

bool HasEnded(const ApprovalsGate& gate, const ApprovalFact& act, TimePoint now) {
  if (act.expires && *act.expires <= now) return true;
  // Compared as a span: at + expires could leave the range of TimePoint.
  return gate.expires && now - act.at >= *gate.expires;
}

Voice VoiceOf(const ApprovalsGate& gate, const Facts& facts, const std::string& email) {
  const ApprovalFact* latest = nullptr;
  for (const ApprovalFact& act : facts.approvals) {
    if (!SamePerson(act.person.email, email)) continue;
    if (!act.rejects) {
      // A yes to other bytes, from the future or by an unproven way neither counts nor lifts a
      // veto.
      const bool proven = act.with_signature ? act.via == "api" || act.via == "commit"
                                             : act.via == "api" && !gate.with_signature;
      if (!proven || act.record.empty() || act.record != facts.record || act.at > facts.now) {
        continue;
      }
    }
    if (latest == nullptr || Overrides(act, *latest)) latest = &act;
  }
  if (latest == nullptr) return Voice::kNone;
  if (latest->rejects) return Voice::kRejects;
  return HasEnded(gate, *latest, facts.now) ? Voice::kNone : Voice::kApproves;
}

std::string Sentence(const ApprovalsGate& gate,
                     const std::vector<std::string>& approved,
                     const std::vector<std::string>& open,
                     const std::vector<std::string>& left_out) {
  std::string text = fmt::format(
      "{} of {} {}approvals", approved.size(), gate.count, gate.with_signature ? "signed " : "");
  if (!approved.empty()) text += fmt::format(" ({})", Join(approved, ", "));
  if (static_cast<long long>(approved.size()) >= gate.count) return text;
  if (!open.empty()) text += fmt::format("; may approve: {}", Join(open, ", "));
  if (!left_out.empty()) text += fmt::format("; left out: {}", Join(left_out, ", "));
  if (static_cast<long long>(approved.size() + open.size()) < gate.count) {
    text += "; too few people are left to reach it";
  }
  return text;
}

}  // namespace

GateVerdict EvaluateApprovals(const ApprovalsGate& gate, const Facts& facts) {
  GateVerdict verdict{"approvals", gate.mode, Verdict::kWait, {}, std::nullopt};
  std::vector<std::string> approved;
  std::vector<std::string> open;
  std::vector<std::string> left_out;
  std::vector<std::string> vetoes;
  for (const std::string& email : gate.may_reject) {
    if (VoiceOf(gate, facts, email) == Voice::kRejects) vetoes.push_back(email);
  }
  for (const std::string& email : gate.from) {
    const std::string exclusion = ExclusionOf(gate, facts, email);
    if (!exclusion.empty()) {
      left_out.push_back(fmt::format("{} ({})", email, exclusion));
    } else if (VoiceOf(gate, facts, email) == Voice::kApproves) {
      approved.push_back(email);
    } else {
      open.push_back(email);
    }
  }
  const std::string unknown = UnknownExclusion(gate, facts);
  if (!vetoes.empty()) {
    verdict.verdict = Verdict::kFail;
    verdict.reason = "rejected by " + Join(vetoes, ", ");
  } else if (facts.record.empty()) {
    verdict.reason = "the record to approve is not known";
  } else if (!unknown.empty()) {
    verdict.reason = unknown;
  } else {
    const bool enough = gate.count > 0 && static_cast<long long>(approved.size()) >= gate.count;
    verdict.verdict = enough ? Verdict::kPass : Verdict::kWait;
    verdict.reason = Sentence(gate, approved, open, left_out);
  }
  verdict.reason = OneLine(verdict.reason);
  return verdict;
}

std::vector<std::string> ApproversSince(const ApprovalsGate* gate,
                                        const Facts& facts,
                                        std::optional<TimePoint> since) {
  ApprovalsGate anybody;
  if (gate == nullptr) {
    std::set<std::string> people;
    for (const ApprovalFact& act : facts.approvals) people.insert(ToLower(act.person.email));
    anybody.from.assign(people.begin(), people.end());
    anybody.may_reject = anybody.from;
    gate = &anybody;
  }
  std::vector<std::string> approved;
  if (facts.record.empty() || !UnknownExclusion(*gate, facts).empty()) return approved;
  for (const std::string& email : gate->may_reject) {
    if (VoiceOf(*gate, facts, email) == Voice::kRejects) return approved;
  }
  for (const std::string& email : gate->from) {
    const bool in_time =
        std::any_of(facts.approvals.begin(), facts.approvals.end(), [&](const ApprovalFact& act) {
          return !act.rejects && SamePerson(act.person.email, email) &&
                 (!since || act.at >= *since);
        });
    if (in_time && ExclusionOf(*gate, facts, email).empty() &&
        VoiceOf(*gate, facts, email) == Voice::kApproves) {
      approved.push_back(email);
    }
  }
  return approved;
}

}  // namespace failgate
