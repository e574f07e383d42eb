#include "policies/gates/coverage.h"

#include <fmt/format.h>

#include <vector>

#include "controller/base/text.h"

namespace failgate {
namespace {

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

}  // namespace

CoverageSettings ReadCoverageSettings(const YamlNode& node, ProblemSink& problems) {
  CoverageSettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, "gates.coverage", problems);
  settings.mode = ReadMode(reader, node);
  settings.lines = ReadPercent(reader, "lines", problems);
  settings.branches = ReadPercent(reader, "branches", problems);
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
  if (!merged.lines && !merged.branches) {
    problems.Add(settings.line, settings.column, "gate coverage needs lines or branches");
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
  bool reached = gate.lines.has_value() || gate.branches.has_value();
  std::vector<std::string> texts;
  if (gate.lines) {
    texts.push_back(
        Judge({"lines", gate.lines, figures.lines_covered, figures.lines_total}, reached));
  }
  if (gate.branches) {
    texts.push_back(Judge(
        {"branches", gate.branches, figures.branches_covered, figures.branches_total}, reached));
  }
  if (texts.empty()) texts.emplace_back("neither lines nor branches are asked for");
  verdict.verdict = reached ? Verdict::kPass : Verdict::kFail;
  verdict.reason = Join(texts, ", ");
  return verdict;
}

}  // namespace failgate
