#include "policies/gates/requirements.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxSets = 100;

void CheckFile(const YamlNode& at, const std::string& path, ProblemSink& problems) {
  if (IsSafeRelativePath(path)) return;
  problems.Add(at, fmt::format("\"{}\" is no path inside the source", OneLine(path, 80)));
}

RequirementSet ReadSet(const YamlNode& node, ProblemSink& problems) {
  MappingReader reader(node, "gates.requirements.sets", problems);
  RequirementSet set;
  static_cast<void>(reader.Required("paths"));
  set.paths = reader.Strings("paths").value_or(std::vector<std::string>{});
  set.file = reader.RequiredString("file");
  if (const YamlNode* file = node.Find("file"); file != nullptr)
    CheckFile(*file, set.file, problems);
  if (node.Find("paths") != nullptr && set.paths.empty()) {
    problems.Add(*node.Find("paths"), "name at least one path");
  }
  reader.Finish();
  return set;
}

void ReadSets(const YamlNode* node, RequirementsSettings& settings, ProblemSink& problems) {
  if (node == nullptr) return;
  if (node->kind != YamlNode::Kind::kSequence || node->items.empty() ||
      node->items.size() > kMaxSets) {
    problems.Add(*node, fmt::format("gates.requirements.sets must be a list of 1 to {}", kMaxSets));
    return;
  }
  for (const YamlNode& item : node->items) settings.sets.push_back(ReadSet(item, problems));
}

void ReadNames(const YamlNode* node, RequirementsSettings& settings, ProblemSink& problems) {
  if (node == nullptr) return;
  if (node->kind != YamlNode::Kind::kMapping) {
    problems.Add(*node, "gates.requirements.names must be a mapping of imports to distributions");
    return;
  }
  for (const YamlNode::Entry& entry : node->entries) {
    if (const auto name = ReadString(entry.value, "the name of " + entry.key.scalar, problems)) {
      settings.names[entry.key.scalar] = *name;
    }
  }
}

/// Distributions of developers that lie in an artifact, with where.
std::vector<std::string> DevInArtifacts(const Facts& facts) {
  std::vector<std::string> found;
  for (const ArtifactFact& artifact : facts.artifacts) {
    if (!artifact.contents) {
      found.push_back(fmt::format("what {} holds was not recorded", artifact.name));
      continue;
    }
    if (artifact.contents->distributions_cut) {
      found.push_back(fmt::format("{} holds too many distributions", artifact.name));
    }
    for (const std::string& name : artifact.contents->distributions) {
      const auto& dev = facts.requirements->dev_only;
      if (std::find(dev.begin(), dev.end(), name) != dev.end()) {
        found.push_back(fmt::format("{} holds {}, which only dev asks for", artifact.name, name));
      }
    }
  }
  // By name, so that the order of the facts does not show.
  std::sort(found.begin(), found.end());
  return found;
}

std::string Tell(const RequirementFinding& finding) {
  const std::string line = finding.line > 0 ? fmt::format(":{}", finding.line) : "";
  const std::string import =
      finding.import.empty() ? "" : fmt::format(": import {}", OneLine(finding.import, 80));
  return fmt::format(
      "{}{}{}: {}", OneLine(finding.path, 120), line, import, OneLine(finding.problem, 200));
}

}  // namespace

RequirementsSettings ReadRequirementsSettings(const YamlNode& node, ProblemSink& problems) {
  RequirementsSettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, "gates.requirements", problems);
  settings.mode = ReadMode(reader, node);
  ReadSets(reader.Optional("sets"), settings, problems);
  settings.dev = reader.Strings("dev").value_or(std::vector<std::string>{});
  for (const std::string& file : settings.dev) CheckFile(*node.Find("dev"), file, problems);
  ReadNames(reader.Optional("names"), settings, problems);
  settings.uncovered =
      WrittenAt(node.Find("uncovered"), reader.OneOf("uncovered", {"fail", "ignore"}));
  reader.Finish();
  return settings;
}

RequirementsGate MergeRequirements(const RequirementsGate* floor,
                                   const RequirementsSettings& settings,
                                   MergeProblems& problems) {
  RequirementsGate merged;
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("requirements", floor->mode, settings.mode);
    if (settings.SaysFiles()) {
      problems.AddLoosening(settings.line,
                            settings.column,
                            "requirements: another reading of the source",
                            "sets of its own");
    }
    if (settings.uncovered && settings.uncovered->value == "ignore" && floor->uncovered_fails) {
      problems.AddLoosening(settings.uncovered->line,
                            settings.uncovered->column,
                            "requirements: uncovered ignore",
                            "uncovered: fail");
    }
  } else {
    if (settings.sets.empty()) {
      problems.Add(settings.line, settings.column, "gate requirements needs \"sets\"");
    }
    merged.sets = settings.sets;
    merged.dev = settings.dev;
    merged.names = settings.names;
  }
  merged.mode = settings.mode.mode;
  if (settings.uncovered) merged.uncovered_fails = settings.uncovered->value == "fail";
  return merged;
}

GateVerdict EvaluateRequirements(const RequirementsGate& gate, const Facts& facts) {
  GateVerdict verdict{"requirements", gate.mode, Verdict::kFail, {}, std::nullopt};
  if (!facts.requirements || !facts.requirements->known) {
    verdict.verdict = Verdict::kWait;
    verdict.reason = "the source's revision is not in its mirror";
    return verdict;
  }
  const RequirementsFact& fact = *facts.requirements;
  std::vector<std::string> bad;
  if (fact.problems != 0 || !fact.findings.empty()) {
    // The first by place, so that the order of the facts does not show.
    const auto first = std::min_element(
        fact.findings.begin(), fact.findings.end(), [](const auto& a, const auto& b) {
          return std::tie(a.path, a.line, a.import) < std::tie(b.path, b.line, b.import);
        });
    bad.push_back(fmt::format("{} {}{}",
                              fact.problems,
                              fact.problems == 1 ? "problem" : "problems",
                              first == fact.findings.end() ? "" : "; " + Tell(*first)));
  }
  if (fact.uncovered > 0 && gate.uncovered_fails) {
    bad.push_back(fmt::format("{} Python {} in no set, such as {}",
                              fact.uncovered,
                              fact.uncovered == 1 ? "file is" : "files are",
                              OneLine(fact.uncovered_example, 120)));
  }
  if (fact.files < 1) bad.emplace_back("no Python file is in a set: there is nothing to judge");
  const std::vector<std::string> held = DevInArtifacts(facts);
  bad.insert(bad.end(), held.begin(), held.end());
  verdict.verdict = bad.empty() ? Verdict::kPass : Verdict::kFail;
  verdict.reason = bad.empty()
                       ? fmt::format("{} imports of {} files resolve", fact.imports, fact.files)
                       : OneLine(Join(bad, "; "));
  return verdict;
}

}  // namespace failgate
