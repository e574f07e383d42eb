#include "controller/pipeline/step_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "controller/base/text.h"
#include "controller/pipeline/outputs.h"
#include "controller/pipeline/step_proof_reader.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxRunBytes = std::size_t{64} << 10U;
constexpr std::size_t kMaxEnvBytes = std::size_t{32} << 10U;
constexpr std::size_t kMaxWordLength = 63;
constexpr std::size_t kMaxGlobLength = 1024;
constexpr Milliseconds kMaxTimeout = std::chrono::hours(24 * 7);

constexpr const char* kExpressionPlace =
    "${{ }} is allowed in values of env and artifacts only, not here";

bool IsAsciiAlnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool IsEnvName(std::string_view text) {
  if (text.empty() || text.size() > 255 || std::isdigit(static_cast<unsigned char>(text[0])) != 0) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) { return IsAsciiAlnum(c) || c == '_'; });
}

bool IsFormatWord(std::string_view text) {
  if (text.empty() || text.size() > kMaxWordLength || !IsAsciiAlnum(text[0])) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return IsAsciiAlnum(c) || c == '.' || c == '_' || c == '-' || c == '+';
  });
}

/// "./out/x/" and "out/x" are the same path to people.
std::string PlainPath(std::string_view text) {
  while (text.size() > 2 && text.substr(0, 2) == "./") {
    text.remove_prefix(2);
  }
  while (text.size() > 1 && text.back() == '/') {
    text.remove_suffix(1);
  }
  return std::string(text);
}

/// Each expression replaced by a letter, so that the rest can be checked as a path.
std::string WithoutExpressions(const std::string& text,
                               const std::vector<OutputReference>& references) {
  std::string plain;
  std::size_t from = 0;
  for (const OutputReference& reference : references) {
    plain += text.substr(from, reference.begin - from) + "x";
    from = reference.end;
  }
  return plain + text.substr(from);
}

void AddUnsafePath(const YamlNode& at, std::string_view path, ProblemSink& problems) {
  problems.Add(at,
               fmt::format("\"{}\" is not a path inside the workspace: write a relative path "
                           "without \"..\" and \".git\"",
                           OneLine(path, 200)));
}

/// The node of each item of a value that is a list or a single string.
std::vector<const YamlNode*> ItemsOf(const YamlNode& value) {
  std::vector<const YamlNode*> nodes;
  if (value.kind != YamlNode::Kind::kSequence) {
    nodes.push_back(&value);
    return nodes;
  }
  for (const YamlNode& item : value.items) {
    nodes.push_back(&item);
  }
  return nodes;
}

std::vector<std::string> ReadReportPaths(MappingReader& reader,
                                         const std::string& key,
                                         ProblemSink& problems) {
  const auto paths = reader.Strings(key);
  const YamlNode* value = reader.Optional(key);
  if (!paths || value == nullptr) {
    return {};
  }
  const std::vector<const YamlNode*> nodes = ItemsOf(*value);
  std::vector<std::string> plain_paths;
  for (std::size_t i = 0; i < paths->size() && i < nodes.size(); ++i) {
    std::string path = PlainPath((*paths)[i]);
    if (HasExpression(path)) {
      problems.Add(*nodes[i], kExpressionPlace);
    } else if (path.find_first_of("*?") != std::string::npos) {
      problems.Add(*nodes[i],
                   "patterns in report paths are not available in this version of failgate: name "
                   "each file");
    } else if (!IsSafeRelativePath(path)) {
      AddUnsafePath(*nodes[i], path, problems);
    } else if (std::count(plain_paths.begin(), plain_paths.end(), path) > 0) {
      problems.Add(*nodes[i], fmt::format("\"{}\" is named twice: it would count twice", path));
    } else {
      plain_paths.push_back(std::move(path));
    }
  }
  return plain_paths;
}

ReportPaths ReadReports(MappingReader& step, ProblemSink& problems) {
  ReportPaths reports;
  const YamlNode* node = step.Optional("reports");
  if (node == nullptr) {
    return reports;
  }
  MappingReader reader(*node, "reports", problems);
  reports.tests = ReadReportPaths(reader, "tests", problems);
  reports.coverage = ReadReportPaths(reader, "coverage", problems);
  reports.metrics = ReadReportPaths(reader, "metrics", problems);
  reports.consistency = ReadReportPaths(reader, "consistency", problems);
  reports.data = ReadReportPaths(reader, "data", problems);
  reader.Finish();
  return reports;
}

std::vector<std::pair<std::string, std::string>> ReadEnv(MappingReader& step,
                                                         ProblemSink& problems) {
  std::vector<std::pair<std::string, std::string>> env;
  const YamlNode* node = step.Optional("env");
  if (node == nullptr) {
    return env;
  }
  if (node->kind != YamlNode::Kind::kMapping) {
    problems.Add(*node, "env must be a mapping of names to values");
    return env;
  }
  for (const YamlNode::Entry& entry : node->entries) {
    const std::string& name = entry.key.scalar;
    const std::string& value = entry.value.scalar;
    if (!IsEnvName(name)) {
      problems.Add(entry.key,
                   fmt::format("\"{}\" cannot be the name of an environment variable: use letters, "
                               "digits and '_'",
                               OneLine(name, 80)));
    } else if (name == "CI" || name.rfind("FAILGATE_", 0) == 0) {
      problems.Add(entry.key, fmt::format("{} is set by failgate and cannot be changed", name));
    } else if (entry.value.kind == YamlNode::Kind::kNull) {
      problems.Add(entry.value, fmt::format("env {} has no value: write \"\" for empty", name));
    } else if (entry.value.kind != YamlNode::Kind::kScalar) {
      problems.Add(entry.value, fmt::format("env {} must be one text", name));
    } else if (value.size() > kMaxEnvBytes || value.find('\0') != std::string::npos) {
      problems.Add(entry.value,
                   fmt::format("env {} must be at most 32 KiB and hold no NUL character", name));
    } else if (const auto references = FindOutputReferences(value); !references) {
      problems.Add(entry.value, fmt::format("env {}: {}", name, references.error().text));
    } else {
      env.emplace_back(name, value);
    }
  }
  return env;
}

void ReadArtifactPath(MappingReader& reader, ArtifactSpec& artifact, ProblemSink& problems) {
  artifact.path = PlainPath(reader.RequiredString("path"));
  const YamlNode* node = reader.Optional("path");
  if (node == nullptr || node->kind != YamlNode::Kind::kScalar) {
    return;
  }
  const auto references = FindOutputReferences(artifact.path);
  if (!references) {
    problems.Add(*node, references.error().text);
  } else if (!IsSafeRelativePath(WithoutExpressions(artifact.path, *references))) {
    AddUnsafePath(*node, artifact.path, problems);
  }
}

std::vector<ArtifactSpec> ReadArtifacts(MappingReader& step, ProblemSink& problems) {
  std::vector<ArtifactSpec> artifacts;
  const YamlNode* node = step.Optional("artifacts");
  if (node == nullptr) {
    return artifacts;
  }
  if (node->kind != YamlNode::Kind::kSequence) {
    problems.Add(*node, "artifacts must be a list of {name, path, format}");
    return artifacts;
  }
  for (const YamlNode& item : node->items) {
    MappingReader reader(item, "artifact", problems);
    ArtifactSpec artifact;
    if (reader.Required("name") != nullptr) {
      artifact.name = reader.Name("name").value_or("");
    }
    ReadArtifactPath(reader, artifact, problems);
    artifact.format = reader.String("format").value_or("");
    const YamlNode* format = reader.Optional("format");
    if (format != nullptr && format->kind == YamlNode::Kind::kScalar &&
        !IsFormatWord(artifact.format)) {
      problems.Add(*format, "format must be one word, such as joblib, safetensors or onnx");
    }
    reader.Finish();
    artifacts.push_back(std::move(artifact));
  }
  return artifacts;
}

TrainingMode ReadMode(MappingReader& reader, const std::string& key) {
  const auto word = reader.OneOf(key, {"degraded", "full"});
  return word ? ParseTrainingMode(*word).value_or(TrainingMode::kFull) : TrainingMode::kFull;
}

void ReadTraining(MappingReader& step, PipelineStep& read, ProblemSink& problems) {
  read.inputs = ReadGlobs(step, "inputs", problems);
  const YamlNode* training = step.Optional("training");
  const YamlNode* inputs = step.Optional("inputs");
  if (read.level != StepLevel::kTrain) {
    for (const auto& [key, node] : {std::pair("training", training), std::pair("inputs", inputs)}) {
      if (node != nullptr) {
        problems.Add(*node, fmt::format("{} belongs to a step of level train", key));
      }
    }
    return;
  }
  if (training == nullptr) {
    return;
  }
  MappingReader reader(*training, "training", problems);
  read.training.code = ReadMode(reader, "code");
  read.training.data = ReadMode(reader, "data");
  read.training.schedule = ReadMode(reader, "schedule");
  read.training.manual = ReadMode(reader, "manual");
  reader.Finish();
}

void ReadRun(MappingReader& step, PipelineStep& read, ProblemSink& problems) {
  read.run = step.RequiredString("run");
  const YamlNode* node = step.Optional("run");
  if (node == nullptr || node->kind != YamlNode::Kind::kScalar) {
    return;
  }
  if (Trim(read.run).empty()) {
    problems.Add(*node, "run is empty: write the command of the step");
  } else if (read.run.size() > kMaxRunBytes || read.run.find('\0') != std::string::npos) {
    problems.Add(*node, "run must be at most 64 KiB and hold no NUL character");
  } else if (HasExpression(read.run)) {
    problems.Add(*node,
                 "${{ }} is never allowed inside run: put the value into env and use the variable");
  }
  if (const auto shell = step.OneOf("shell", {"sh", "bash"})) {
    read.shell = *shell == "bash" ? StepShell::kBash : StepShell::kSh;
  }
}

void ReadTimeout(MappingReader& step, PipelineStep& read, ProblemSink& problems) {
  const auto timeout = step.Duration("timeout");
  if (!timeout) {
    return;
  }
  if (*timeout < std::chrono::seconds(1) || *timeout > kMaxTimeout) {
    problems.Add(*step.Optional("timeout"), "timeout must lie between 1s and 7d");
  } else {
    read.timeout = *timeout;
  }
}

}  // namespace

std::vector<std::string> ReadGlobs(MappingReader& reader,
                                   const std::string& key,
                                   ProblemSink& problems) {
  const auto globs = reader.Strings(key);
  const YamlNode* value = reader.Optional(key);
  if (!globs || value == nullptr) {
    return {};
  }
  const std::vector<const YamlNode*> nodes = ItemsOf(*value);
  for (std::size_t i = 0; i < globs->size() && i < nodes.size(); ++i) {
    const std::string& glob = (*globs)[i];
    if (glob.empty() || glob.size() > kMaxGlobLength || EscapeControls(glob) != glob) {
      problems.Add(*nodes[i],
                   fmt::format("{}: a pattern must be 1 to 1,024 plain characters", key));
    } else if (HasExpression(glob)) {
      problems.Add(*nodes[i], kExpressionPlace);
    } else if (glob.front() == '!') {
      problems.Add(*nodes[i], fmt::format("{}: patterns cannot be negated", key));
    } else if (glob.front() == '/' || glob.rfind("./", 0) == 0) {
      problems.Add(*nodes[i],
                   fmt::format("{}: patterns are relative to the root of the source: write "
                               "\"{}\"",
                               key,
                               glob.substr(glob.find('/') + 1)));
    } else if (glob.back() == '/') {
      problems.Add(*nodes[i], fmt::format("{}: for a whole folder write \"{}**\"", key, glob));
    }
  }
  return *globs;
}

PipelineStep ReadStep(const YamlNode& node, ProblemSink& problems) {
  MappingReader reader(node, "step", problems);
  PipelineStep step;
  if (reader.Required("name") != nullptr) {
    step.name = reader.Name("name").value_or("");
  }
  if (reader.Required("level") != nullptr) {
    const auto word =
        reader.OneOf("level", {"unit", "build", "integration", "train", "functional"});
    step.level = word ? ParseStepLevel(*word).value_or(StepLevel::kUnit) : StepLevel::kTrain;
  }
  step.usecase = reader.Name("usecase").value_or("");
  ReadRun(reader, step, problems);
  step.needs = reader.Strings("needs").value_or(std::vector<std::string>());
  step.reports = ReadReports(reader, problems);
  ReadTimeout(reader, step, problems);
  step.env = ReadEnv(reader, problems);
  ReadTraining(reader, step, problems);
  step.artifacts = ReadArtifacts(reader, problems);
  step.network = reader.Bool("network").value_or(false);
  step.repeat = ReadRepeatSpec(reader, step.reports, problems);
  step.regression_tests = ReadRegressionTests(reader, step.reports, problems);
  reader.NotBuiltYet("image", "steps run in the local sandbox");
  reader.NotBuiltYet("secrets", "steps see no secret");
  reader.NotBuiltYet("cache", "each step starts from a fresh workspace");
  reader.NotBuiltYet("services", "a step starts what it needs by itself");
  reader.Finish();
  return step;
}

}  // namespace failgate
