#include "controller/promotion/desired_file.h"

#include <fmt/format.h>

#include "controller/base/text.h"
#include "controller/base/yaml_reader.h"

namespace failgate {
namespace {

/// A release of this project, or a problem.
std::optional<ReleaseName> ReadReleaseName(const YamlNode& node,
                                           const std::string& what,
                                           const ProjectName& project,
                                           ProblemSink& problems) {
  const std::optional<std::string> text = ReadString(node, what, problems);
  if (!text) return std::nullopt;
  const auto parts = SplitReleaseName(*text);
  if (parts && parts->first == project) return ReleaseName(*text);
  problems.Add(node,
               fmt::format("{}: \"{}\" is no release of {}: write {}-NUMBER, such as {}-42",
                           what,
                           OneLine(*text, 80),
                           project.text(),
                           project.text(),
                           project.text()));
  return std::nullopt;
}

void ReadException(const YamlNode& node,
                   const std::string& name,
                   const ProjectName& project,
                   ProblemSink& problems,
                   Desired& desired) {
  MappingReader reader(node, name, problems);
  if (node.kind != YamlNode::Kind::kMapping && node.kind != YamlNode::Kind::kNull) return;
  Exception excepted;
  if (const YamlNode* release = reader.Required("release"); release != nullptr) {
    excepted.release =
        ReadReleaseName(*release, name + ".release", project, problems).value_or(ReleaseName());
  }
  reader.Required("because");
  const auto because = reader.OneOf("because", {"code", "data", "both", "all"});
  if (because) excepted.because = ParseBecause(*because).value_or(Because::kAll);
  excepted.reason = reader.String("reason").value_or("");
  excepted.by = reader.String("by").value_or("");
  if (!excepted.by.empty() && !ParsePerson(excepted.by)) {
    problems.Add(
        *node.Find("by"),
        fmt::format(
            "{}.by: \"{}\" is no person: write an e-mail address", name, OneLine(excepted.by, 80)));
  }
  reader.Finish();
  desired.except.push_back(std::move(excepted));
}

void ReadExcept(const YamlNode& node, ProblemSink& problems, Desired& desired) {
  if (node.kind != YamlNode::Kind::kSequence) {
    problems.Add(node, "except must be a list of {release, because, reason, by}");
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    ReadException(node.items[i], fmt::format("except[{}]", i), desired.project, problems, desired);
  }
}

void ReadHold(const YamlNode& node, ProblemSink& problems, Desired& desired) {
  MappingReader reader(node, "hold", problems);
  Hold hold;
  hold.reason = reader.RequiredString("reason");
  if (const YamlNode* until = reader.Optional("until"); until != nullptr) {
    const auto text = ReadString(*until, "hold.until", problems);
    const auto time = text ? ParseTime(*text) : std::nullopt;
    if (time) {
      hold.until = std::chrono::floor<std::chrono::seconds>(*time);
    } else if (text) {
      problems.Add(*until,
                   fmt::format("hold.until: \"{}\" is no time: write one such as "
                               "2026-12-01T09:00:00Z",
                               OneLine(*text, 80)));
    }
  }
  hold.healing = reader.OneOf("healing", {"on", "off"}).value_or("on") == "on";
  reader.Finish();
  desired.hold = std::move(hold);
}

void ReadRelease(const YamlNode& node, ProblemSink& problems, Desired& desired) {
  if (node.kind == YamlNode::Kind::kScalar && node.scalar == "newest") {
    desired.newest = true;
    return;
  }
  if (node.kind == YamlNode::Kind::kScalar && node.scalar == "none") {
    desired.none = true;
    return;
  }
  desired.release = ReadReleaseName(node, "release", desired.project, problems);
}

}  // namespace

std::string Word(Because because) {
  switch (because) {
    case Because::kCode:
      return "code";
    case Because::kData:
      return "data";
    case Because::kBoth:
      return "both";
    case Because::kAll:
      return "all";
  }
  return {};
}

std::optional<Because> ParseBecause(const std::string& word) {
  for (const Because because : {Because::kCode, Because::kData, Because::kBoth, Because::kAll}) {
    if (Word(because) == word) return because;
  }
  return std::nullopt;
}

std::string DesiredPath(const EnvironmentName& environment, const ProjectName& project) {
  return fmt::format("desired/{}/{}.yaml", environment.text(), project.text());
}

Desired ReadDesired(const EnvironmentName& environment,
                    const ProjectName& project,
                    std::string_view text) {
  Desired desired;
  desired.environment = environment;
  desired.project = project;
  const std::string file = DesiredPath(environment, project);
  const Parsed<YamlNode> root = ParseYaml(text, file);
  if (!root) {
    desired.problems = root.error();
    return desired;
  }
  ProblemSink problems(file);
  MappingReader reader(*root, "", problems);
  if (const YamlNode* release = reader.Optional("release"); release != nullptr) {
    ReadRelease(*release, problems, desired);
  }
  if (const YamlNode* except = reader.Optional("except"); except != nullptr) {
    ReadExcept(*except, problems, desired);
  }
  reader.Allow("hold");
  if (const YamlNode* hold = root->Find("hold"); hold != nullptr) {
    ReadHold(*hold, problems, desired);  // an empty one is a fault, never no hold
  }
  reader.Finish();
  desired.problems = problems.Take();
  return desired;
}

}  // namespace failgate
