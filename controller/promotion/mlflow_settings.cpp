#include "controller/promotion/mlflow_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kLongestName = 250;

bool IsWord(const std::string& text, std::string_view beside) {
  return !text.empty() && text.size() <= kLongestName &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           const bool plain =
               (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           return plain || beside.find(c) != std::string_view::npos;
         });
}

/// MLflow keeps "v1" for versions and "latest" for the newest one.
bool IsReserved(const std::string& alias) {
  const std::string lower = ToLower(alias);
  return lower == "latest" || (lower.size() > 1 && lower.front() == 'v' &&
                               ParseNonNegative(std::string_view(lower).substr(1)).has_value());
}

}  // namespace

MlflowTarget ReadMlflowTarget(const YamlNode& node,
                              const std::string& name,
                              ProblemSink& problems) {
  MlflowTarget target;
  MappingReader reader(node, name, problems);
  if (node.kind != YamlNode::Kind::kMapping) return target;
  target.model = reader.RequiredString("model");
  target.alias = reader.RequiredString("alias");
  target.artifact = reader.RequiredString("artifact");
  const auto refuse = [&](const char* key, const std::string& value, const char* what) {
    problems.Add(*node.Find(key),
                 fmt::format("{}.{}: \"{}\" {}", name, key, OneLine(value, 80), what));
  };
  if (!target.model.empty() && (!IsWord(target.model, "._-") || target.model.front() == '.')) {
    refuse("model", target.model, "must be letters, digits, '.', '_' and '-'");
  }
  if (!target.alias.empty() && (!IsWord(target.alias, "_-") || IsReserved(target.alias))) {
    refuse("alias",
           target.alias,
           "must be letters, digits, '_' and '-', and neither \"latest\" nor a version such as v1");
  }
  if (!target.artifact.empty() &&
      (!IsSafeRelativePath(target.artifact) || target.artifact.find('/') != std::string::npos)) {
    refuse("artifact", target.artifact, "is no artifact name");
  }
  reader.Allow("health");
  reader.Finish();
  return target;
}

}  // namespace failgate
