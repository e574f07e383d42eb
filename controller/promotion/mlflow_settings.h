// The settings of a deploy step with the target `mlflow`.
#pragma once

#include <string>

#include "controller/base/yaml_reader.h"
#include "controller/promotion/project_deployment.h"

namespace failgate {

/// {model, alias, artifact}; `health` is let through and read by ReadHealthCheck. Names are those
/// that every MLflow takes: an alias that reads as a version ("v3") or as "latest" is a problem.
[[nodiscard]] MlflowTarget ReadMlflowTarget(const YamlNode& node,
                                            const std::string& name,
                                            ProblemSink& problems);

}  // namespace failgate
