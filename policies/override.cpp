#include "policies/override.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "controller/base/text.h"
#include "policies/gates/registry.h"

namespace failgate {
namespace {

/// Of a verdict's own words, inside the sentence of an override.
constexpr std::size_t kShownReason = 200;

bool IsListed(const Policy& policy, const Person& person) {
  const auto& from = policy.override_from;
  return std::any_of(from.begin(), from.end(), [&](const std::string& email) {
    return SamePerson(email, person.email);
  });
}

/// Why this override does not count for the gate; nullopt: it does.
std::optional<std::string> WhyItDoesNotCount(const Policy& policy,
                                             const Facts& facts,
                                             const OverrideFact& given) {
  if (!IsListed(policy, given.person)) {
    return given.person.email + " is not among override: from";
  }
  if (given.record != facts.record) return "it was given for another record";
  if (given.at > facts.now || given.until <= facts.now) return "its time is over or yet to come";
  if (given.until - given.at > kLongestOverride) return "it lasts longer than a day";
  if (Trim(given.reason).empty()) return "it has no reason";
  return WhyNotOverridable(policy, facts, given.gate);
}

/// Any that counts comes before all that do not; else the order is only one that is not the list's.
const OverrideFact* Choose(const Policy& policy, const Facts& facts, const std::string& gate) {
  const auto rank = [&](const OverrideFact& given) {
    return std::tuple(!WhyItDoesNotCount(policy, facts, given),
                      given.until,
                      given.at,
                      given.person.email,
                      given.person.name,
                      given.reason,
                      given.record);
  };
  const OverrideFact* best = nullptr;
  for (const OverrideFact& given : facts.overrides) {
    if (given.gate == gate && (best == nullptr || rank(*best) < rank(given))) best = &given;
  }
  return best;
}

void Apply(const Policy& policy,
           const Facts& facts,
           const OverrideFact& given,
           GateVerdict& verdict) {
  if (const auto why = WhyItDoesNotCount(policy, facts, given)) {
    verdict.reason = OneLine(fmt::format(
        "{}; the override by {} does not count: {}", verdict.reason, given.person.email, *why));
    return;
  }
  verdict.reason = OneLine(fmt::format("overridden by {} until {}: {}; the gate said {}: {}",
                                       FormatPerson(given.person),
                                       FormatTime(given.until),
                                       OneLine(given.reason, kShownReason),
                                       Word(verdict.verdict),
                                       OneLine(verdict.reason, kShownReason)));
  verdict.verdict = Verdict::kPass;
  verdict.until.reset();
}

}  // namespace

MaybeWritten<std::vector<std::string>> ReadOverridePeople(const YamlNode* node,
                                                          ProblemSink& problems) {
  if (node == nullptr) return std::nullopt;
  MappingReader reader(*node, "override", problems);
  const YamlNode* from = reader.Required("from");
  auto people = from == nullptr ? std::nullopt : ReadEmails(*from, problems);
  reader.Finish();
  return WrittenAt(node, std::move(people));
}

void MergeOverridePeople(const GateSettings& settings, Policy& policy, MergeProblems& problems) {
  if (!settings.override_from) return;
  const auto& floor = policy.override_from;
  for (const std::string& email : settings.override_from->value) {
    if (std::find(floor.begin(), floor.end(), email) != floor.end()) continue;
    problems.AddLoosening(settings.override_from->line,
                          settings.override_from->column,
                          "override: from with " + email,
                          fmt::format("override: {{from: [{}]}}", Join(floor, ", ")));
  }
  policy.override_from = settings.override_from->value;
}

std::optional<std::string> WhyNotOverridable(const Policy& policy,
                                             const Facts& facts,
                                             const std::string& gate) {
  const auto& gates = GateRegistry();
  const std::string kind = gate.substr(0, gate.find(':'));  // of "command:NAME"
  const auto entry = std::find_if(
      gates.begin(), gates.end(), [&](const GateEntry& each) { return each.name == kind; });
  if (entry == gates.end() || entry->is_judged == nullptr) {
    return gate + " is never overridden";
  }
  if (!entry->is_judged(policy, facts)) {
    return fmt::format("{} lacks facts, and what is not known is never overridden", gate);
  }
  return std::nullopt;
}

void ApplyOverrides(const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
  for (GateVerdict& verdict : verdicts) {
    if (verdict.verdict == Verdict::kPass || verdict.mode == GateMode::kAdvise) continue;
    if (const OverrideFact* given = Choose(policy, facts, verdict.gate)) {
      Apply(policy, facts, *given, verdict);
    }
  }
}

}  // namespace failgate
