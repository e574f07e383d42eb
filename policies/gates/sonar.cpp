#include "policies/gates/sonar.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxKey = 400;
constexpr std::size_t kMaxBranch = 255;
constexpr std::size_t kShortCommit = 12;
constexpr std::size_t kShown = 200;

/// Letters, digits, '-', '_', '.' and ':', with at least one that is no digit.
bool IsProjectKey(const std::string& text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto known = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || digit(c) || c == '-' || c == '_' ||
           c == '.' || c == ':';
  };
  return !text.empty() && text.size() <= kMaxKey && std::all_of(text.begin(), text.end(), known) &&
         !std::all_of(text.begin(), text.end(), digit);
}

bool IsBranch(const std::string& text) {
  return !text.empty() && text.size() <= kMaxBranch && EscapeControls(text) == text &&
         text == Trim(text);
}

/// What the floor names, a project can not name otherwise.
void MergeName(const std::string& key,
               const MaybeWritten<std::string>& settings,
               std::string& merged,
               MergeProblems& problems) {
  if (!settings || settings->value == merged) return;
  if (!merged.empty()) {
    problems.AddLoosening(settings->line,
                          settings->column,
                          fmt::format("sonar: another {}", key),
                          fmt::format("{}: {}", key, merged));
    return;
  }
  merged = settings->value;
}

bool IsOfThisQuestion(const SonarGate& gate, const Facts& facts) {
  return facts.sonar && facts.sonar->project == SonarProjectOf(gate, facts.project) &&
         facts.sonar->branch == gate.branch && !facts.sonar->revision.empty();
}

bool IsOfThisRevision(const SonarFact& fact) {
  return fact.state == SonarState::kAnalysed && !fact.analysis.empty() &&
         fact.analysed == fact.revision && fact.asked_at.has_value();
}

std::string Short(const CommitId& commit) {
  return commit.text().substr(0, kShortCommit);
}

std::string Failures(const SonarFact& fact) {
  if (fact.failed.empty()) return "the quality gate is ERROR";
  // By name, so that the order of the facts does not show.
  std::vector<std::string> failed = fact.failed;
  std::sort(failed.begin(), failed.end());
  return fmt::format("the quality gate is ERROR: {}{}",
                     Join(failed, "; "),
                     fact.more_failed > 0 ? fmt::format("; and {} more", fact.more_failed) : "");
}

void JudgeStatus(const SonarFact& fact, TimePoint now, GateVerdict& verdict) {
  if (fact.status == "ERROR") {
    verdict.verdict = Verdict::kFail;
    verdict.reason = Failures(fact);
  } else if (fact.status == "NONE") {
    verdict.reason = fmt::format("SonarQube computed no quality gate for {}", Short(fact.revision));
  } else if (fact.status != "OK") {
    verdict.reason =
        fmt::format("the quality gate is \"{}\", which is not OK", OneLine(fact.status, 40));
  } else if (*fact.asked_at > now || now - *fact.asked_at > kSonarAnswerCounts) {
    verdict.reason = fmt::format("the answer of {} does not count: SonarQube is asked again",
                                 FormatTime(*fact.asked_at));
  } else if (!fact.failed.empty() || fact.more_failed != 0) {
    verdict.reason = "the quality gate is OK, but conditions are not met";
  } else {
    verdict.verdict = Verdict::kPass;
    verdict.reason = fmt::format("OK for {} (analysis {})", Short(fact.revision), fact.analysis);
  }
}

}  // namespace

SonarSettings ReadSonarSettings(const YamlNode& node, ProblemSink& problems) {
  SonarSettings settings;
  MappingReader reader(node, "gates.sonar", problems);
  settings.mode = ReadMode(reader, node);
  settings.project = WrittenAt(node.Find("project"), reader.String("project"));
  if (settings.project && !IsProjectKey(settings.project->value)) {
    problems.Add(*node.Find("project"),
                 "gates.sonar.project: write the key of the project at the SonarQube server: "
                 "letters, digits, '-', '_', '.' and ':', not digits alone");
  }
  settings.branch = WrittenAt(node.Find("branch"), reader.String("branch"));
  if (settings.branch && !IsBranch(settings.branch->value)) {
    problems.Add(*node.Find("branch"),
                 "gates.sonar.branch: write the name of a branch at the SonarQube server");
  }
  reader.Finish();
  return settings;
}

SonarGate MergeSonar(const SonarGate* floor,
                     const SonarSettings& settings,
                     MergeProblems& problems) {
  SonarGate merged;
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("sonar", floor->mode, settings.mode);
  }
  MergeName("project", settings.project, merged.project, problems);
  MergeName("branch", settings.branch, merged.branch, problems);
  merged.mode = settings.mode.mode;
  return merged;
}

std::string SonarProjectOf(const SonarGate& gate, const ProjectName& project) {
  return gate.project.empty() ? project.text() : gate.project;
}

GateVerdict EvaluateSonar(const SonarGate& gate, const Facts& facts) {
  GateVerdict verdict{"sonar", gate.mode, Verdict::kWait, {}, std::nullopt};
  if (!IsOfThisQuestion(gate, facts)) {
    verdict.reason = "it is not known what SonarQube says of this revision";
    return verdict;
  }
  const SonarFact& fact = *facts.sonar;
  switch (fact.state) {
    case SonarState::kNotConfigured:
      verdict.verdict = Verdict::kFail;
      verdict.reason = "no SonarQube server is configured: write `sonar:` in the server file";
      return verdict;
    case SonarState::kNotAsked:
      verdict.reason = "SonarQube has not answered yet";
      return verdict;
    case SonarState::kUnreachable:
      verdict.reason = OneLine("SonarQube gave no answer: " + fact.trouble, kShown);
      return verdict;
    case SonarState::kNotAnalysed:
      verdict.reason = fmt::format(
          "SonarQube has no analysis of {} in project {}", Short(fact.revision), fact.project);
      return verdict;
    case SonarState::kAnalysed:
      break;
  }
  if (!IsOfThisRevision(fact)) {
    verdict.reason = "SonarQube analysed another revision";
    return verdict;
  }
  JudgeStatus(fact, facts.now, verdict);
  verdict.reason = OneLine(verdict.reason);
  return verdict;
}

bool SonarHasAnswered(const SonarGate& gate, const Facts& facts) {
  return IsOfThisQuestion(gate, facts) && IsOfThisRevision(*facts.sonar) &&
         (facts.sonar->status == "OK" || facts.sonar->status == "ERROR");
}

}  // namespace failgate
