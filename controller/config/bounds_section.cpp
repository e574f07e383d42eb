// What runs, targets and the intake may use.
#include <algorithm>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/config/section_reader.h"

namespace failgate {
namespace {

constexpr long long kMiB = 1LL << 20U;
constexpr long long kMaxParallel = 256;

long long ReadSize(MappingReader& reader,
                   const std::string& what,
                   const std::string& key,
                   long long standard,
                   long long least,
                   ReadingContext& context) {
  const std::optional<long long> size = reader.Size(key);
  if (!size) return standard;
  if (*size < least) {
    context.problems.Add(
        *reader.Optional(key),
        what + "." + key + ": must be at least " + std::to_string(least) + " bytes");
    return standard;
  }
  return *size;
}

Milliseconds ReadDeadline(MappingReader& reader, const std::string& key, Milliseconds standard) {
  return reader.Duration(key).value_or(standard);
}

void ReadRunnerLimits(const YamlNode& node, RunnerSettings& runner, ReadingContext& context) {
  const std::string what = "runner.limits";
  MappingReader reader(node, what, context.problems);
  runner.memory_bytes = ReadSize(reader, what, "memory", runner.memory_bytes, 16 * kMiB, context);
  runner.cpu = reader.Number("cpu", 0.1, 1024).value_or(runner.cpu);
  runner.disk_bytes = ReadSize(reader, what, "disk", runner.disk_bytes, kMiB, context);
  reader.Finish();
}

std::vector<std::filesystem::path> ReadRoots(const YamlNode& node, ReadingContext& context) {
  std::vector<std::filesystem::path> roots;
  MappingReader reader(node, "targets.directory", context.problems);
  const YamlNode* at = reader.Required("roots");
  for (const std::string& text : reader.Strings("roots").value_or(std::vector<std::string>())) {
    std::filesystem::path root = std::filesystem::path(text).lexically_normal();
    if (!root.has_filename() && root.has_parent_path() && root != root.root_path()) {
      root = root.parent_path();  // "/srv/" is "/srv"
    }
    if (!root.is_absolute() || root == root.root_path() || EscapeControls(text) != text) {
      context.problems.Add(*at,
                           "targets.directory.roots: \"" + OneLine(text, 80) +
                               "\" must be an absolute folder other than /");
      continue;
    }
    roots.push_back(std::move(root));
  }
  if (at != nullptr && at->kind == YamlNode::Kind::kSequence && at->items.empty()) {
    context.problems.Add(*at, "targets.directory.roots: at least one folder is needed");
  }
  reader.Finish();
  return roots;
}

const std::vector<std::string>& TargetKinds() {
  static const std::vector<std::string> kinds = {"directory",
                                                 "docker",
                                                 "compose",
                                                 "kubernetes",
                                                 "terraform",
                                                 "ansible",
                                                 "ecs",
                                                 "airflow",
                                                 "mlflow",
                                                 "jupyterhub",
                                                 "process",
                                                 "plugin"};
  return kinds;
}

}  // namespace

RunnerSettings ReadRunner(const YamlNode& node, ReadingContext& context) {
  RunnerSettings runner;
  MappingReader reader(node, "runner", context.problems);
  const std::string kind =
      reader.OneOf("kind", {"local", "docker", "kubernetes"}).value_or("local");
  if (kind != "local") {
    context.problems.Add(
        *reader.Optional("kind"),
        "runner.kind: " + kind + " is not available in this version of failgate: use local");
  }
  if (reader.OneOf("sandbox", {"required", "none"}).value_or("required") == "none") {
    runner.sandbox = SandboxMode::kNone;
  }
  runner.parallel =
      static_cast<int>(reader.Integer("parallel", 1, kMaxParallel).value_or(runner.parallel));
  runner.network = reader.Bool("network").value_or(runner.network);
  if (const YamlNode* limits = reader.Optional("limits")) {
    ReadRunnerLimits(*limits, runner, context);
  }
  reader.Finish();
  return runner;
}

TargetSettings ReadTargets(const YamlNode& node, ReadingContext& context) {
  TargetSettings targets;
  MappingReader reader(node, "targets", context.problems);
  const std::vector<std::string> allowed =
      reader.Strings("allow").value_or(std::vector<std::string>());
  for (const std::string& kind : allowed) {
    const auto& known = TargetKinds();
    if (std::find(known.begin(), known.end(), kind) == known.end()) {
      const std::optional<std::string> nearest = NearestWord(kind, known);
      context.problems.Add(*reader.Optional("allow"),
                           "targets.allow: \"" + OneLine(kind, 80) + "\" is not a target" +
                               (nearest ? ": did you mean \"" + *nearest + "\"?" : ""));
      continue;
    }
    targets.allow.push_back(kind);
  }
  if (const YamlNode* directory = reader.Optional("directory")) {
    targets.directory_roots = ReadRoots(*directory, context);
  } else if (targets.Allows("directory")) {
    context.problems.Add(node,
                         "targets: directory is allowed, so directory: {roots: [...]} is "
                         "needed");
  }
  for (const std::string& kind : TargetKinds()) {
    if (kind != "directory") reader.NotBuiltYet(kind, "settings of the target " + kind);
  }
  if (reader.OneOf("code_from", {"operations", "release"}).value_or("operations") == "release") {
    context.problems.Add(*reader.Optional("code_from"),
                         "targets.code_from: release is not available in this version of "
                         "failgate: use operations");
  }
  reader.Finish();
  return targets;
}

IntakeLimits ReadLimits(const YamlNode& node, ReadingContext& context) {
  const std::string what = "limits";
  IntakeLimits limits;
  MappingReader reader(node, what, context.problems);
  limits.max_connections = static_cast<int>(
      reader.Integer("max_connections", 1, 1000000).value_or(limits.max_connections));
  limits.max_connections_per_address =
      static_cast<int>(reader.Integer("max_connections_per_address", 1, 1000000)
                           .value_or(limits.max_connections_per_address));
  limits.rate_per_address = static_cast<int>(
      reader.Integer("rate_per_address", 0, 1000000).value_or(limits.rate_per_address));
  limits.rate_per_source = static_cast<int>(
      reader.Integer("rate_per_source", 0, 1000000).value_or(limits.rate_per_source));
  limits.max_queued_deliveries =
      reader.Integer("max_queued_deliveries", 1, 100000000).value_or(limits.max_queued_deliveries);
  limits.body_budget_bytes =
      ReadSize(reader, what, "body_budget", limits.body_budget_bytes, kMiB, context);
  limits.max_body_bytes = ReadSize(reader, what, "max_body", limits.max_body_bytes, 1024, context);
  limits.max_queued_bytes =
      ReadSize(reader, what, "max_queued_bytes", limits.max_queued_bytes, kMiB, context);
  limits.keep_deliveries = ReadDeadline(reader, "keep_deliveries", limits.keep_deliveries);
  limits.max_journal_bytes =
      ReadSize(reader, what, "max_journal", limits.max_journal_bytes, 64 * kMiB, context);
  limits.head_deadline = ReadDeadline(reader, "head_deadline", limits.head_deadline);
  limits.request_deadline = ReadDeadline(reader, "request_deadline", limits.request_deadline);
  if (limits.max_body_bytes > limits.body_budget_bytes) {
    context.problems.Add(node, "limits: max_body must not be larger than body_budget");
  }
  reader.Finish();
  return limits;
}

}  // namespace failgate
