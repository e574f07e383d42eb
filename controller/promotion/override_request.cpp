// `override`: a listed person lets one gate pass for one release. One fact; main stays as it is.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/promotion/fact_trailers.h"
#include "controller/promotion/release_facts.h"
#include "controller/promotion/requested_work.h"
#include "policies/override.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxReason = 4000;

/// Of options_json: {"gate": NAME, "expires": DURATION}.
struct Asked {
  std::string gate;
  Milliseconds expires{0};
};

std::optional<Asked> ReadAsked(const Request& request) {
  const auto options = nlohmann::json::parse(request.options_json, nullptr, false);
  if (!options.is_object()) {
    return std::nullopt;
  }
  const auto expires = ParseDuration(options.value("expires", ""));
  if (!expires || *expires < std::chrono::seconds(1) || *expires > kLongestOverride) {
    return std::nullopt;
  }
  return Asked{options.value("gate", ""), *expires};
}

/// Everybody else who may: they are asked to look at it afterwards.
std::string Reviewers(const Policy& policy, const Person& person) {
  std::vector<std::string> others;
  for (const std::string& email : policy.override_from) {
    if (!SamePerson(email, person.email)) {
      others.push_back(email);
    }
  }
  return others.empty() ? "asked" : "asked of " + Join(others, ", ");
}

std::optional<RequestAnswer> WhyNot(const RequestedWork& work,
                                    const Policy& policy,
                                    const DecisionRecord& judged,
                                    const std::string& gate) {
  const std::string environment = work.pair.first.text();
  const auto& verdicts = judged.decision.verdicts;
  const auto found = std::find_if(
      verdicts.begin(), verdicts.end(), [&](const auto& verdict) { return verdict.gate == gate; });
  if (found == verdicts.end()) {
    std::vector<std::string> gates;
    for (const GateVerdict& verdict : verdicts) {
      gates.push_back(verdict.gate);
    }
    return RefuseRequest(422,
                         "no_such_gate",
                         fmt::format("{} asks no gate {}: it asks {}",
                                     environment,
                                     OneLine(gate, 60),
                                     gates.empty() ? "none" : Join(gates, ", ")));
  }
  if (found->verdict == Verdict::kPass || found->mode == GateMode::kAdvise) {
    return RefuseRequest(409,
                         "nothing_to_override",
                         fmt::format("{} does not stop it: {}", gate, OneLine(found->reason, 200)));
  }
  if (const auto why = WhyNotOverridable(policy, judged.facts, gate)) {
    return RefuseRequest(
        409,
        "not_overridable",
        fmt::format("{} ({}: {})", *why, Word(found->verdict), OneLine(found->reason, 200)));
  }
  return std::nullopt;
}

FactDraft OverriddenDraft(const RequestedWork& work,
                          const StandingOverride& given,
                          const std::string& review) {
  FactDraft draft;
  draft.fact.kind = FactKind::kOverridden;
  draft.fact.at = given.at;
  draft.fact.environment = work.pair.first;
  draft.fact.project = work.pair.second;
  draft.fact.release = given.release;
  draft.fact.subject = fmt::format(
      "overridden gate {} of {} for {}", given.gate, work.pair.first.text(), given.release.text());
  draft.fact.Add("Record", given.record);
  draft.fact.Add("Gate", given.gate);
  draft.fact.Add("Overridden-by", FormatPerson(given.person));
  draft.fact.Add("Until", FormatTime(given.until));
  draft.fact.Add("Reason", given.reason);
  draft.fact.Add("Review", review);
  draft.fact.Add("Via", "api");
  draft.fact.Add("Request", given.request);
  draft.change = [given](LogEdit& edit) {
    const auto& known = edit.environment->overrides;
    if (std::any_of(known.begin(), known.end(), [&](const StandingOverride& each) {
          return each.request == given.request;
        })) {
      return false;
    }
    edit.environment->AddOverride(given);
    return true;
  };
  return draft;
}

}  // namespace

RequestAnswer CarryOutOverride(const RequestedWork& work) {
  const Policy policy = work.situation.PolicyOf(work.pair);
  const auto asked = ReadAsked(work.request);
  if (work.request.reason.empty()) {
    return RefuseRequest(422, "reason_missing", "an override asks a reason: add -m TEXT");
  }
  if (!asked) {
    return RefuseRequest(
        422, "bad_expires", "expires is a duration of at most 24h, such as 2h: add --expires 2h");
  }
  const auto& from = policy.override_from;
  if (std::none_of(from.begin(), from.end(), [&](const std::string& email) {
        return SamePerson(email, work.request.person.email);
      })) {
    return RefuseRequest(403,
                         "not_listed",
                         fmt::format("{} is not among the people of `override:` in "
                                     "environments/{}/environment.yaml",
                                     FormatPerson(work.request.person),
                                     work.pair.first.text()));
  }
  Wish wish;
  wish.requester = work.request.person;
  wish.by_api = true;
  const auto judged = Judge(work.situation,
                            Candidate{work.pair,
                                      work.request.release,
                                      SpecDigest(work.situation.DeploymentOf(work.pair)),
                                      wish,
                                      false});
  if (!judged) {
    return NoSuchThing("release " + work.request.release.text());
  }
  if (auto refused = WhyNot(work, policy, *judged, asked->gate)) {
    return *refused;
  }
  const auto person = TrailerPerson(work.request.person);
  StandingOverride given;
  given.release = work.request.release;
  given.gate = asked->gate;
  given.person = ParsePerson(person).value_or(work.request.person);
  given.reason = OneLine(Redact(work.request.reason), kMaxReason);
  given.record = judged->record;
  given.spec = SpecDigest(work.situation.DeploymentOf(work.pair));
  given.at = std::chrono::floor<std::chrono::seconds>(work.situation.now);
  given.until = std::chrono::floor<std::chrono::seconds>(given.at + asked->expires);
  given.request = work.request.id;
  const auto ids = work.log.Append({OverriddenDraft(work, given, Reviewers(policy, given.person))});
  return AcceptFact(ids,
                    fmt::format("{} counts as passed for {} in {} once, until {}",
                                given.gate,
                                given.release.text(),
                                work.pair.first.text(),
                                FormatTime(given.until)));
}

}  // namespace failgate
