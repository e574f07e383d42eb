#include "controller/promotion/directory_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr Milliseconds kMaxHealthTimeout = std::chrono::hours(1);

/// Absolute, with parts that IsSafeRelativePath accepts, not the root itself, no slash at the end.
bool IsTargetPath(const std::string& path) {
  return path.size() > 1 && path.front() == '/' && path.back() != '/' &&
         IsSafeRelativePath(path.substr(1));
}

bool IsArtifactName(const std::string& name) {
  return IsSafeRelativePath(name) && name.find('/') == std::string::npos;
}

std::vector<std::string> ReadArtifacts(const YamlNode& node,
                                       const std::string& name,
                                       ProblemSink& problems) {
  std::vector<std::string> artifacts;
  if (node.kind != YamlNode::Kind::kSequence || node.items.empty()) {
    problems.Add(node, name + ": must be a list of at least one artifact name");
    return artifacts;
  }
  for (const YamlNode& item : node.items) {
    const std::optional<std::string> artifact = ReadString(item, name, problems);
    if (!artifact) continue;
    if (!IsArtifactName(*artifact)) {
      problems.Add(item,
                   fmt::format("{}: \"{}\" is no artifact name", name, OneLine(*artifact, 80)));
    } else if (std::find(artifacts.begin(), artifacts.end(), *artifact) != artifacts.end()) {
      problems.Add(item, fmt::format("{}: {} is written twice", name, *artifact));
    } else {
      artifacts.push_back(*artifact);
    }
  }
  return artifacts;
}

bool StartsWith(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

bool IsPlainWord(const std::string& text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return byte <= 0x20 || byte == 0x7F;
  });
}

/// Empty when the value fits its kind.
std::string FaultOf(HealthCheck::Kind kind, const std::string& value) {
  switch (kind) {
    case HealthCheck::Kind::kCommand:
      return Trim(value).empty() ? "must not be empty" : "";
    case HealthCheck::Kind::kHttp: {
      const std::size_t scheme =
          StartsWith(value, "http://") ? 7 : (StartsWith(value, "https://") ? 8 : 0);
      const bool host = scheme > 0 && value.size() > scheme && value[scheme] != '/';
      const std::size_t path = value.find('/', scheme);
      const bool credentials = value.substr(0, path).find('@') != std::string::npos;
      if (credentials) return "must not carry credentials";
      return host && IsPlainWord(value) ? ""
                                        : "must be a URL, such as http://127.0.0.1:8080/health";
    }
    case HealthCheck::Kind::kTcp: {
      const std::size_t colon = value.rfind(':');
      const auto port =
          colon == std::string::npos ? std::nullopt : ParseNonNegative(value.substr(colon + 1));
      const bool good = port && *port > 0 && *port < 65536 && colon > 0 && IsPlainWord(value) &&
                        value.find('/') == std::string::npos;
      return good ? "" : "must be host:port, such as 127.0.0.1:8080";
    }
  }
  return "is of no known kind";
}

}  // namespace

std::string HealthWord(HealthCheck::Kind kind) {
  switch (kind) {
    case HealthCheck::Kind::kCommand:
      return "command";
    case HealthCheck::Kind::kHttp:
      return "http";
    case HealthCheck::Kind::kTcp:
      return "tcp";
  }
  return {};
}

bool PathsOverlap(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  return a == b || StartsWith(a, b + "/") || StartsWith(b, a + "/");
}

DirectoryTarget ReadDirectoryTarget(const YamlNode& node,
                                    const std::string& name,
                                    ProblemSink& problems) {
  DirectoryTarget target;
  MappingReader reader(node, name, problems);
  if (node.kind != YamlNode::Kind::kMapping) return target;
  if (const YamlNode* path = reader.Required("path"); path != nullptr) {
    target.path = reader.String("path").value_or("");
    if (path->kind == YamlNode::Kind::kScalar && !IsTargetPath(target.path)) {
      problems.Add(
          *path,
          fmt::format("{}.path: \"{}\" must be an absolute path without \"..\", \"//\" or a "
                      "slash at the end",
                      name,
                      OneLine(target.path, 200)));
    }
  }
  if (const YamlNode* artifacts = reader.Required("artifacts"); artifacts != nullptr) {
    target.artifacts = ReadArtifacts(*artifacts, name + ".artifacts", problems);
  }
  reader.Allow("health");
  reader.Finish();
  return target;
}

std::optional<HealthCheck> ReadHealthCheck(const YamlNode& node, ProblemSink& problems) {
  MappingReader reader(node, "health", problems);
  if (node.kind != YamlNode::Kind::kMapping && node.kind != YamlNode::Kind::kNull) {
    return std::nullopt;
  }
  HealthCheck check;
  int kinds = 0;
  for (const HealthCheck::Kind kind :
       {HealthCheck::Kind::kCommand, HealthCheck::Kind::kHttp, HealthCheck::Kind::kTcp}) {
    const YamlNode* value = reader.Optional(HealthWord(kind));
    if (value == nullptr) continue;
    ++kinds;
    check.kind = kind;
    const std::optional<std::string> text = reader.String(HealthWord(kind));
    if (!text) return std::nullopt;
    check.value = *text;
    const std::string fault = FaultOf(kind, check.value);
    if (!fault.empty()) problems.Add(*value, fmt::format("health.{}: {}", HealthWord(kind), fault));
  }
  if (kinds != 1) problems.Add(node, "health needs exactly one of command, http, tcp");
  check.timeout = reader.Duration("timeout").value_or(check.timeout);
  if (check.timeout > kMaxHealthTimeout) {
    problems.Add(*node.Find("timeout"), "health.timeout: must be at most 1h");
  }
  reader.Finish();
  return check;
}

}  // namespace failgate
