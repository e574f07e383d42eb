#include "policies/gates/coverage.h"

#include <fmt/format.h>

#include <vector>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kShortCommit = 12;

MaybeWritten<Percent> ReadPercent(MappingReader& reader,
                                  const std::string& key,
                                  ProblemSink& problems) {
  const YamlNode* node = reader.Optional(key);
  if (node == nullptr) return std::nullopt;
  std::optional<Percent> percent;
  if (node->kind == YamlNode::Kind::kScalar && !node->quoted) percent = ParsePercent(node->scalar);
  if (!percent) {
    problems.Add(*node,
                 fmt::format("gates.coverage.{}: must be a percentage over 0 and up to 100 with at "
                             "most four decimals, such as 80 or 82.5",
                             key));
  }
  return WrittenAt(node, percent);
}

void MergeFigure(const char* name,
                 const MaybeWritten<Percent>& written,
                 std::optional<Percent>& merged,
                 MergeProblems& problems) {
  if (!written) return;
  if (merged && written->value < *merged) {
    problems.AddLoosening(written->line,
                          written->column,
                          fmt::format("coverage: {} {}", name, FormatPercent(written->value)),
                          fmt::format("{}: {}", name, FormatPercent(*merged)));
  }
  merged = written->value;
}

struct Figure {
  const char* name;
  std::optional<Percent> asked;
  long long covered;
  long long total;
};

/// Text of one figure; sets `reached` to false when it is under the bar or absent.
std::string Judge(const Figure& figure, bool& reached) {
  const bool believable = figure.total >= 0 && figure.total <= kMaxFactCount &&
                          figure.covered >= 0 && figure.covered <= figure.total;
  if (!believable) {
    reached = false;
    return fmt::format("{} {}/{} cannot be", figure.name, figure.covered, figure.total);
  }
  if (figure.total == 0) {
    reached = false;
    return fmt::format("{} were not measured", figure.name);
  }
  const std::string share = FormatShare(figure.covered, figure.total);
  if (ReachesPercent(figure.covered, figure.total, *figure.asked)) {
    return fmt::format("{} {}", figure.name, share);
  }
  reached = false;
  return fmt::format("{} {} is under {}", figure.name, share, FormatPercent(*figure.asked));
}

/// A comparison that found no changed line of code has nothing to be covered; one that was not made
/// shows nothing.
std::string JudgeChanged(Percent asked, const std::optional<ChangedLines>& changed, bool& reached) {
  if (!changed || changed->since.empty()) {
    reached = false;
    return "changed lines were not compared with the release before";
  }
  const std::string since = OneLine(changed->since.text().substr(0, kShortCommit), kShortCommit);
  if (changed->total == 0 && changed->covered == 0) {
    return fmt::format("changed lines: none is code that is measured (since {})", since);
  }
  return fmt::format("{} (since {})",
                     Judge({"changed lines", asked, changed->covered, changed->total}, reached),
                     since);
}

}  // namespace

CoverageSettings ReadCoverageSettings(const YamlNode& node, ProblemSink& problems) {
  CoverageSettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, "gates.coverage", problems);
  settings.mode = ReadMode(reader, node);
  settings.lines = ReadPercent(reader, "lines", problems);
  settings.branches = ReadPercent(reader, "branches", problems);
  settings.changed_lines = ReadPercent(reader, "changed_lines", problems);
  reader.Finish();
  return settings;
}

CoverageGate MergeCoverage(const CoverageGate* floor,
                           const CoverageSettings& settings,
                           MergeProblems& problems) {
  CoverageGate merged;
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("coverage", floor->mode, settings.mode);
  }
  merged.mode = settings.mode.mode;
  MergeFigure("lines", settings.lines, merged.lines, problems);
  MergeFigure("branches", settings.branches, merged.branches, problems);
  MergeFigure("changed_lines", settings.changed_lines, merged.changed_lines, problems);
  if (!merged.lines && !merged.branches && !merged.changed_lines) {
    problems.Add(
        settings.line, settings.column, "gate coverage needs lines, branches or changed_lines");
  }
  return merged;
}

GateVerdict EvaluateCoverage(const CoverageGate& gate, const Facts& facts) {
  GateVerdict verdict{"coverage", gate.mode, Verdict::kFail, {}, std::nullopt};
  if (!facts.evidence.coverage) {
    verdict.reason = "coverage was not measured";
    return verdict;
  }
  const CoverageFigures& figures = *facts.evidence.coverage;
  bool reached = gate.lines || gate.branches || gate.changed_lines;
  std::vector<std::string> texts;
  if (gate.lines) {
    texts.push_back(
        Judge({"lines", gate.lines, figures.lines_covered, figures.lines_total}, reached));
  }
  if (gate.branches) {
    texts.push_back(Judge(
        {"branches", gate.branches, figures.branches_covered, figures.branches_total}, reached));
  }
  if (gate.changed_lines) {
    texts.push_back(JudgeChanged(*gate.changed_lines, facts.evidence.changed_lines, reached));
  }
  if (texts.empty()) texts.emplace_back("neither lines nor branches are asked for");
  verdict.verdict = reached ? Verdict::kPass : Verdict::kFail;
  verdict.reason = OneLine(Join(texts, ", "));
  return verdict;
}

}  // namespace failgate
