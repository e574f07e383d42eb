#include "policies/operations_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/digest.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "policies/facts.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxRunBytes = std::size_t{64} << 10U;
constexpr std::size_t kMaxChecks = 50;
constexpr Milliseconds kLongestCheck = std::chrono::hours(24);

std::vector<std::string> ReadPaths(MappingReader& reader,
                                   const std::string& key,
                                   ProblemSink& problems) {
  const auto paths = reader.Strings(key);
  const YamlNode* node = reader.Optional(key);
  std::vector<std::string> read;
  for (std::size_t i = 0; paths && i < paths->size(); ++i) {
    const YamlNode& at = node->kind == YamlNode::Kind::kSequence ? node->items[i] : *node;
    const std::string& path = (*paths)[i];
    if (!IsSafeRelativePath(path)) {
      problems.Add(at,
                   fmt::format("\"{}\" is not a path inside the folder the check runs in: write a "
                               "relative path without \"..\" and \".git\"",
                               OneLine(path, 200)));
    } else if (path.find_first_of("*?") != std::string::npos) {
      problems.Add(at, "patterns in report paths are not available: name each file");
    } else if (std::find(read.begin(), read.end(), path) != read.end()) {
      problems.Add(at, fmt::format("\"{}\" is named twice: it would count twice", path));
    } else {
      read.push_back(path);
    }
  }
  return read;
}

OperationsCheck ReadCheck(const YamlNode& node, const std::string& name, ProblemSink& problems) {
  MappingReader reader(node, name, problems);
  OperationsCheck check;
  reader.Required("name");
  check.name = reader.Name("name").value_or("");
  check.level = reader.OneOf("level", TestLevels()).value_or(check.level);
  check.run = ReadProgramText(reader, problems);
  if (const YamlNode* reports = reader.Optional("reports"); reports != nullptr) {
    MappingReader paths(*reports, name + ".reports", problems);
    check.tests = ReadPaths(paths, "tests", problems);
    check.coverage = ReadPaths(paths, "coverage", problems);
    check.metrics = ReadPaths(paths, "metrics", problems);
    paths.Finish();
  }
  check.timeout = ReadProgramTimeout(reader, check.timeout, kLongestCheck, problems);
  reader.Finish();
  return check;
}

std::vector<OperationsCheck> ReadList(MappingReader& reader,
                                      const std::string& key,
                                      ProblemSink& problems) {
  std::vector<OperationsCheck> checks;
  const YamlNode* node = reader.Optional(key);
  if (node == nullptr) return checks;
  if (node->kind != YamlNode::Kind::kSequence || node->items.size() > kMaxChecks) {
    problems.Add(*node, fmt::format("checks.{} must be a list of at most {}", key, kMaxChecks));
    return checks;
  }
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    const std::string place = fmt::format("checks.{}[{}]", key, i);
    OperationsCheck check = ReadCheck(node->items[i], place, problems);
    const auto same = [&](const OperationsCheck& each) { return each.name == check.name; };
    if (!check.name.empty() && std::any_of(checks.begin(), checks.end(), same)) {
      problems.Add(node->items[i], fmt::format("{}: the name {} is taken", place, check.name));
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace

OperationsChecks ReadOperationsChecks(const YamlNode* node, ProblemSink& problems) {
  OperationsChecks checks;
  if (node == nullptr) return checks;
  MappingReader reader(*node, "checks", problems);
  checks.before = ReadList(reader, "before", problems);
  checks.after = ReadList(reader, "after", problems);
  reader.Finish();
  return checks;
}

std::string CheckDigest(const OperationsCheck& check) {
  ProgramDigest digest("failgate check 1");
  digest.Add("name", check.name);
  digest.Add("level", check.level);
  digest.Add("run", check.run);
  for (const std::string& path : check.tests) digest.Add("tests", path);
  for (const std::string& path : check.coverage) digest.Add("coverage", path);
  for (const std::string& path : check.metrics) digest.Add("metrics", path);
  digest.Add("timeout", std::to_string(check.timeout.count()));
  return digest.Finish();
}

std::string ReadProgramText(MappingReader& reader, ProblemSink& problems) {
  std::string run = reader.RequiredString("run");
  const YamlNode* node = reader.Optional("run");
  if (node == nullptr || node->kind != YamlNode::Kind::kScalar) return run;
  if (Trim(run).empty()) {
    problems.Add(*node, "run is empty: write the command");
  } else if (run.size() > kMaxRunBytes || run.find('\0') != std::string::npos) {
    problems.Add(*node, "run must be at most 64 KiB and hold no NUL character");
  } else if (run.find("${{") != std::string::npos) {
    problems.Add(*node, "${{ }} is never allowed inside run: use the variables FAILGATE_…");
  }
  return run;
}

Milliseconds ReadProgramTimeout(MappingReader& reader,
                                Milliseconds otherwise,
                                Milliseconds most,
                                ProblemSink& problems) {
  const auto timeout = reader.Duration("timeout");
  if (!timeout) return otherwise;
  if (*timeout >= std::chrono::seconds(1) && *timeout <= most) return *timeout;
  problems.Add(*reader.Optional("timeout"),
               fmt::format("timeout must lie between 1s and {}", FormatDuration(most)));
  return otherwise;
}

void ProgramDigest::Add(std::string_view key, std::string_view value) {
  bytes_ += fmt::format("{} {} {}\n", key, value.size(), value);
}

std::string ProgramDigest::Finish() const {
  return "sha256:" + Sha256Hex(bytes_);
}

}  // namespace failgate
