// The keys `repeat` and `regression` of a step: more runs of it that prove something.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/yaml_reader.h"
#include "controller/pipeline/pipeline_file.h"

namespace failgate {

/// `reports` are those of the step.
[[nodiscard]] std::optional<RepeatSpec> ReadRepeatSpec(MappingReader& step,
                                                       const ReportPaths& reports,
                                                       ProblemSink& problems);
[[nodiscard]] std::vector<std::string> ReadRegressionTests(MappingReader& step,
                                                           const ReportPaths& reports,
                                                           ProblemSink& problems);

}  // namespace failgate
