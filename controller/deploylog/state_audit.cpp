#include "controller/deploylog/state_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "controller/base/text.h"
#include "controller/deploylog/expected_state.h"
#include "controller/deploylog/key_chain.h"
#include "controller/deploylog/policy_facts.h"
#include "controller/git/openssh_key.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxNamed = 8;

AuditFinding Unexplained(std::string text) {
  return AuditFinding{AuditKind::kRewritten, std::move(text)};
}

std::string Named(const std::set<std::string>& all) {
  std::string names;
  std::size_t named = 0;
  for (const std::string& name : all) {
    names += (names.empty() ? "" : ", ") + name;
    if (++named == kMaxNamed) {
      break;
    }
  }
  return names;
}

/// Which parts of the file differ, for people; `expected` is what the fact makes of it.
AuditFinding Difference(const std::string& expected, std::string_view after) {
  const auto ours = nlohmann::json::parse(expected, nullptr, false);
  const auto theirs = nlohmann::json::parse(after, nullptr, false);
  std::set<std::string> keys;
  for (const auto* side : {&ours, &theirs}) {
    for (const auto& item : side->items()) {
      const auto here = ours.find(item.key());
      const auto there = theirs.find(item.key());
      if (here == ours.end() || there == theirs.end() || *here != *there) {
        keys.insert(OneLine(item.key(), 40));
      }
    }
  }
  const std::string names = Named(keys);
  return Unexplained(names.empty()
                         ? "its file is not written as the controller writes it"
                         : fmt::format("its file holds what the fact does not explain: {}", names));
}

/// The last step of every check: what the fact makes of the file is what the file says.
template <typename State>
void Compare(const State& expected, std::string_view after, std::vector<AuditFinding>& findings) {
  const std::string text = WriteJson(expected);
  if (text != after) {
    findings.push_back(Difference(text, after));
  }
}

void CompareEnds(const EndsFiles& expected,
                 const EndsFiles& changed,
                 std::vector<AuditFinding>& findings) {
  std::set<std::string> releases;
  for (const auto* side : {&expected, &changed}) {
    for (const auto& file : *side) {
      const auto ours = expected.find(file.first);
      const auto theirs = changed.find(file.first);
      if (ours == expected.end() || theirs == changed.end() || ours->second != theirs->second) {
        releases.insert(OneLine(file.first.text(), 80));
      }
    }
  }
  if (!releases.empty()) {
    findings.push_back(Unexplained(fmt::format(
        "how these releases ended there is not what the fact makes of it: {}", Named(releases))));
  }
}

}  // namespace

std::vector<AuditFinding> CheckState(const EnvironmentState& before,
                                     const EnvironmentState& after,
                                     std::string_view text,
                                     const EndsFiles& ends,
                                     const WrittenFact& written,
                                     const DecisionRecord* decision) {
  std::vector<AuditFinding> findings;
  EnvironmentState expected = ExpectedState(before, after, written, decision, findings);
  // Former versions kept the ends inside from the first fact of a pair on; nothing puts them back.
  expected.ends_inside = after.ends_inside && (before.ends_inside || before.sequence == 0);
  Compare(expected, text, findings);
  CompareEnds(ChangedEnds(before, expected), ends, findings);
  return findings;
}

std::vector<AuditFinding> CheckState(const ProjectState& before,
                                     std::string_view text,
                                     const WrittenFact& written) {
  std::vector<AuditFinding> findings;
  ProjectState expected = before;
  expected.sequence = written.sequence;
  expected.last =
      LastFact{FactWord(written.fact.kind), written.Value("Result").value_or(""), written.fact.at};
  if (written.fact.kind == FactKind::kReleased) {
    const auto parts = SplitReleaseName(written.fact.release.text());
    const long number = parts ? parts->second : 0;
    if (number <= before.releases) {
      findings.push_back(AuditFinding{AuditKind::kRecord, "its number was given before"});
    }
    expected.releases = std::max(number, before.releases);
  } else if (written.fact.kind == FactKind::kSuperseded) {
    auto& told = expected.superseded;
    const std::string run = written.Value("Run").value_or("");
    if (std::find(told.begin(), told.end(), run) != told.end()) {
      findings.push_back(Unexplained("the log told of this run already"));
    }
    told.push_back(run);
    if (told.size() > kSupersededRemembered) {
      told.erase(told.begin());
    }
  } else {
    findings.push_back(Unexplained("such a fact is about no project"));
  }
  Compare(expected, text, findings);
  return findings;
}

std::vector<AuditFinding> CheckState(const ControllerState& before,
                                     const ControllerState& after,
                                     std::string_view text,
                                     const WrittenFact& written,
                                     const std::string& signer) {
  std::vector<AuditFinding> findings;
  ControllerState expected = before;
  expected.sequence = written.sequence;
  if (written.fact.kind == FactKind::kStarted) {
    expected.name = before.name.empty() ? after.name : before.name;
    expected.instance = written.Value("Instance").value_or("");
    expected.host = written.Value("Host").value_or("");
    expected.since = written.fact.at;
    expected.key = signer;
  } else if (written.fact.kind == FactKind::kHistoryAccepted) {
    // Whoever accepts it takes the log over as well: what was lost may have said who has it.
    expected.instance = written.Value("Instance").value_or("");
    expected.host = written.Value("Host").value_or("");
    expected.since = written.fact.at;
    expected.key = signer;
    expected.accepted = written.Value("Request").value_or("");
  } else if (written.fact.kind == FactKind::kKeyRotated) {
    const auto rotation = ReadKeyRotation(written);
    if (!rotation) {
      return {Unexplained(rotation.error().text)};
    }
    expected.key = rotation->new_key;
    std::string former = after.former.empty() ? std::string() : after.former.back().line;
    const auto old_signer = SignerOf(former);
    if (!old_signer || KeyFingerprint(*old_signer) != rotation->old_key) {
      former = rotation->old_key;
    }
    expected.former.push_back(FormerKey{former, rotation->main});
  } else if (written.fact.kind == FactKind::kPolicyChanged) {
    expected.policy = PolicyOfFact(written);
    expected.policy_refused.clear();
  } else if (written.fact.kind == FactKind::kRefused) {
    expected.policy_refused = RefusedPolicyOf(written);
  } else {
    findings.push_back(Unexplained("such a fact is about no controller"));
  }
  Compare(expected, text, findings);
  return findings;
}

}  // namespace failgate
