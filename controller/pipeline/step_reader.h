// One step of failgate.yaml, read on its own; what concerns several steps is in step_graph.h.
#pragma once

#include <string>

#include "controller/base/yaml_reader.h"
#include "controller/pipeline/pipeline_file.h"

namespace failgate {

/// Adds every problem of the step to `problems`; the result is complete only if none was added.
[[nodiscard]] PipelineStep ReadStep(const YamlNode& node, ProblemSink& problems);

/// Globs of paths below the root of the source; adds a problem for what could never match.
[[nodiscard]] std::vector<std::string> ReadGlobs(MappingReader& reader,
                                                 const std::string& key,
                                                 ProblemSink& problems);

}  // namespace failgate
