// The settings of one deploy step: `directory` and `health`.
#pragma once

#include <optional>
#include <string>

#include "controller/base/yaml_reader.h"
#include "controller/promotion/project_deployment.h"

namespace failgate {

/// {path, artifacts}; `health` is let through and read by ReadHealthCheck.
[[nodiscard]] DirectoryTarget ReadDirectoryTarget(const YamlNode& node,
                                                  const std::string& name,
                                                  ProblemSink& problems);

/// {command | http | tcp, timeout}: exactly one of the three; nullopt adds a problem.
[[nodiscard]] std::optional<HealthCheck> ReadHealthCheck(const YamlNode& node,
                                                         ProblemSink& problems);

/// "command" | "http" | "tcp".
[[nodiscard]] std::string HealthWord(HealthCheck::Kind kind);

/// Equal, or one inside the other. Lexical; empty paths overlap nothing.
[[nodiscard]] bool PathsOverlap(const std::string& a, const std::string& b);

}  // namespace failgate
